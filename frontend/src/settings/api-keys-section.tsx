import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';

import { fetchApiKeys, revokeApiKey } from '../api/api-keys.ts';
import { describeError } from '../api/api-error.ts';
import { queryKeys } from '../api/query-keys.ts';
import type { ApiKey, IssuedApiKey } from '../api/types.ts';
import { Button } from '../ui/button.tsx';
import { dateTime } from '../ui/format.ts';
import { Notice } from '../ui/notice.tsx';
import { Spinner } from '../ui/spinner.tsx';
import { ApiKeyDialog } from './api-key-dialog.tsx';
import { expiryWords, isExpired, scopeLabels, sdkSettings, usageWords } from './api-key-words.ts';
import styles from './api-keys-section.module.css';
import { CopyBlock } from './copy-block.tsx';
import { IssuedKeyDialog } from './issued-key-dialog.tsx';
import { RevokeKeyDialog } from './revoke-key-dialog.tsx';
import page from './settings-page.module.css';

/** The keys of one's own programs: made, shown once, looked at, revoked. */
export function ApiKeysSection() {
  const queries = useQueryClient();
  const keys = useQuery({ queryKey: queryKeys.apiKeys, queryFn: fetchApiKeys });
  const [isAsking, setIsAsking] = useState(false);
  const [issued, setIssued] = useState<IssuedApiKey | null>(null);
  const [leaving, setLeaving] = useState<ApiKey | null>(null);
  const createButton = useRef<HTMLButtonElement>(null);

  const isDialogOpen = isAsking || issued !== null || leaving !== null;
  useEffect(() => {
    if (!isDialogOpen) return undefined;
    const button = createButton.current;
    // A dialog gives focus back to what opened it, and that may be gone by then.
    return () => {
      if (document.activeElement === document.body) button?.focus();
    };
  }, [isDialogOpen]);

  const refetch = (): Promise<void> => queries.invalidateQueries({ queryKey: queryKeys.apiKeys });

  const revoke = async (key: ApiKey): Promise<void> => {
    await revokeApiKey(key.id);
    await refetch();
    setLeaving(null);
  };

  return (
    <section className={page['section']} aria-labelledby="api-keys">
      <h2 id="api-keys" className={page['heading']}>
        API keys
      </h2>
      {keys.isPending ? <Spinner label="Loading your API keys" /> : null}
      {keys.isError ? (
        <Notice urgency="alert" tone="danger" action={<Button onClick={() => void keys.refetch()}>Try again</Button>}>
          {describeError(keys.error)}
        </Notice>
      ) : null}
      {keys.data?.length === 0 ? <NoKeys /> : null}
      {keys.data && keys.data.length > 0 ? (
        <ul className={styles['list']} aria-label="Your API keys">
          {keys.data.map((key) => (
            <KeyRow key={key.id} apiKey={key} onRevoke={() => setLeaving(key)} />
          ))}
        </ul>
      ) : null}
      <div>
        <Button ref={createButton} onClick={() => setIsAsking(true)}>
          Create API key
        </Button>
      </div>
      {isAsking ? (
        <ApiKeyDialog
          onClose={() => setIsAsking(false)}
          onMade={(made) => {
            setIsAsking(false);
            setIssued(made);
            void refetch();
          }}
        />
      ) : null}
      {issued ? <IssuedKeyDialog issued={issued} onClose={() => setIssued(null)} /> : null}
      {leaving ? (
        <RevokeKeyDialog apiKey={leaving} onRevoke={() => revoke(leaving)} onClose={() => setLeaving(null)} />
      ) : null}
    </section>
  );
}

function NoKeys() {
  return (
    <div className={styles['empty']}>
      <p>
        With a key your own programs can use this server. Any OpenAI Realtime client works: only its base URL
        and key change, and what it says is kept in your history.
      </p>
      <CopyBlock label="Settings for an OpenAI SDK" text={sdkSettings(location.origin)} />
    </div>
  );
}

function KeyRow({ apiKey, onRevoke }: { apiKey: ApiKey; onRevoke(): void }) {
  return (
    <li className={styles['row']}>
      <div className={styles['about']}>
        <p className={styles['name']} dir="auto">
          {apiKey.name}
        </p>
        <p>
          <code className={styles['prefix']}>{apiKey.prefix}…</code>
          <span className={styles['dim']}>{scopeLabels(apiKey.scopes)}</span>
        </p>
        <p className={styles['dim']}>
          created {dateTime(apiKey.created_at)} · {usageWords(apiKey)} ·{' '}
          <span className={isExpired(apiKey) ? styles['over'] : undefined}>{expiryWords(apiKey)}</span>
        </p>
      </div>
      <Button onClick={onRevoke} aria-label={`Revoke ${apiKey.name}`}>
        Revoke
      </Button>
    </li>
  );
}
