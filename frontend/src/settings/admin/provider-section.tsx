import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { changeAdminVoice, checkProvider, fetchAdminVoice } from '../../api/administration.ts';
import { describeError } from '../../api/api-error.ts';
import { queryKeys } from '../../api/query-keys.ts';
import type { AdminVoice, VoiceChanges } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField } from '../../ui/field.tsx';
import { dateTime } from '../../ui/format.ts';
import { Notice } from '../../ui/notice.tsx';
import styles from './admin.module.css';
import { Section } from './section.tsx';
import { Toggle } from './toggle.tsx';
import { useChange } from './use-change.ts';

const PROVIDERS = [
  { value: 'openai', label: 'OpenAI, or the Realtime server at REALTIME_BASE_URL' },
  { value: 'embedded', label: 'Embedded: in this server, without network' },
];
const HEALTH = {
  answers: { word: 'answers', tone: 'good' },
  fails: { word: 'fails', tone: 'bad' },
  not_asked: { word: 'not asked lately', tone: 'plain' },
  not_configured: { word: 'not configured', tone: 'bad' },
} as const;
const KEY_WORDS = { set: 'set on the server', missing: 'missing', not_needed: 'not needed' } as const;

/** Whether there is voice at all, and from whom. */
export function ProviderSection() {
  const voice = useQuery({ queryKey: queryKeys.adminVoice, queryFn: fetchAdminVoice });
  return (
    <Section title="Voice" query={voice}>
      {(data) => <Provider data={data} />}
    </Section>
  );
}

function Provider({ data }: { data: AdminVoice }) {
  const change = useChange((changes: VoiceChanges) => changeAdminVoice(changes), 'Saved. It counts from the next session on.');
  const queries = useQueryClient();
  const check = useMutation({
    mutationFn: checkProvider,
    onSettled: () => queries.invalidateQueries({ queryKey: queryKeys.adminVoice }),
  });
  const health = HEALTH[data.provider.health];
  return (
    <>
      <Toggle
        label="People may talk with the assistant"
        isOn={data.in_effect.enabled}
        onToggle={(enabled) => change.mutateAsync({ enabled })}
      />
      {data.reason ? (
        <Notice tone="warning" urgency="status">
          {data.reason}
        </Notice>
      ) : null}
      <div className={styles['grid']}>
        <SelectField
          label="Provider"
          value={data.in_effect.provider}
          options={PROVIDERS}
          onChange={(provider) => change.mutate({ provider: provider === 'embedded' ? 'embedded' : 'openai' })}
        />
        <dl className={styles['facts']} aria-label="The provider">
          <dt>Health</dt>
          <dd>
            <span className={styles['chip']} data-tone={health.tone}>
              {health.word}
            </span>{' '}
            {data.provider.detail}
          </dd>
          <dt>Server</dt>
          <dd>{data.provider.server || 'this server itself'}</dd>
          <dt>Key</dt>
          <dd>{KEY_WORDS[data.provider.key]}</dd>
          <dt>Last session</dt>
          <dd>{dateTime(data.provider.last_success_at) || 'none in 24 hours'}</dd>
          <dt>Last failure</dt>
          <dd>{dateTime(data.provider.last_failure_at) || 'none in 24 hours'}</dd>
        </dl>
      </div>
      <p role="status">
        {check.isPending ? 'Asking…' : null}
        {check.data ? `${check.data.answers ? 'It works.' : 'It does not work.'} ${check.data.detail}` : null}
        {check.isError ? describeError(check.error) : null}
      </p>
      <div className={styles['actions']}>
        <Button onClick={() => check.mutate()} disabled={check.isPending}>
          Ask the provider now
        </Button>
        {data.changed.includes('provider') || data.changed.includes('enabled') ? (
          <Button look="quiet" onClick={() => change.mutate({ enabled: null, provider: null })}>
            Back to how the server was started
          </Button>
        ) : null}
      </div>
    </>
  );
}
