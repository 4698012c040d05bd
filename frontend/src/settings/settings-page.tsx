import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link } from 'react-router';

import { describeError } from '../api/api-error.ts';
import { fetchMe } from '../api/account.ts';
import { queryKeys } from '../api/query-keys.ts';
import { useSignOut } from '../api/use-sign-out.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { PageHeader } from '../ui/page-header.tsx';
import { ConnectionSection } from './connection-section.tsx';
import { ApiKeysSection } from './api-keys-section.tsx';
import { KeptWordsSection } from './kept-words-section.tsx';
import { LimitsSection } from './limits-section.tsx';
import { OwnDataSection } from './own-data-section.tsx';
import { PasswordSection } from './password-section.tsx';
import { ReadersSection } from './readers-section.tsx';
import styles from './settings-page.module.css';
import { ThemeSection } from './theme-section.tsx';
import { UsageSection } from './usage-section.tsx';
import { VoiceTestSection } from './voice-test-section.tsx';

export default function SettingsPage() {
  const me = useQuery({ queryKey: queryKeys.me, queryFn: fetchMe });
  useEffect(() => {
    document.title = 'Settings · VoiceAssist';
  }, []);

  const leave = useSignOut();

  return (
    <div className={styles['page']}>
      <PageHeader title="Settings" backTo="/" backLabel="Back to conversations" />
      <main className={styles['main']}>
        <section className={styles['section']} aria-labelledby="profile">
          <h2 id="profile" className={styles['heading']}>
            Profile
          </h2>
          {me.isError ? (
            <Notice urgency="alert" tone="danger">
              {describeError(me.error)}
            </Notice>
          ) : null}
          <dl className={styles['facts']}>
            <dt>Username</dt>
            <dd>{me.data?.username ?? '…'}</dd>
            <dt>Name</dt>
            <dd>{[me.data?.first_name, me.data?.last_name].filter(Boolean).join(' ') || 'not given'}</dd>
            <dt>E-mail</dt>
            <dd>{me.data?.email || 'not given'}</dd>
          </dl>
          {me.data?.is_demo ? (
            <Notice>This is a demo account. It works on this machine only.</Notice>
          ) : null}
          <div>
            <Button onClick={leave}>Sign out</Button>
          </div>
        </section>
        {me.data?.permissions.some((one) => one === 'administer_voice' || one === 'manage_webhooks') ? (
          <section className={styles['section']} aria-labelledby="server">
            <h2 id="server" className={styles['heading']}>
              This server
            </h2>
            <p>Voice, provider, models and prices, voices, the default prompt, limits by group, retention, webhooks.</p>
            <div>
              <Link className={buttonClass()} to="/settings/admin">
                Server settings
              </Link>
            </div>
          </section>
        ) : null}
        <ThemeSection />
        <ConnectionSection />
        <KeptWordsSection />
        <VoiceTestSection />
        <PasswordSection username={me.data?.username ?? ''} />
        <ApiKeysSection />
        <UsageSection />
        <ReadersSection />
        <OwnDataSection />
        <LimitsSection />
      </main>
    </div>
  );
}
