import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';

import { fetchMe } from '../../api/account.ts';
import { describeError } from '../../api/api-error.ts';
import { queryKeys } from '../../api/query-keys.ts';
import type { Permission } from '../../api/types.ts';
import { buttonClass } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import styles from './admin.module.css';
import { ChangesSection } from './changes-section.tsx';
import { GroupsSection } from './groups-section.tsx';
import { ModelsSection } from './models-section.tsx';
import { ProviderSection } from './provider-section.tsx';
import { ReadingSection } from './reading-section.tsx';
import { RetentionSection } from './retention-section.tsx';
import { VoiceDefaultsSection } from './voice-defaults-section.tsx';
import { VoicesSection } from './voices-section.tsx';
import { WebhooksSection } from './webhooks/webhooks-section.tsx';

/** What holds for everybody on this server. Each change counts from the next session on. */
export default function AdminPage() {
  const me = useQuery({ queryKey: queryKeys.me, queryFn: fetchMe });
  useEffect(() => {
    document.title = 'Server settings · VoiceAssist';
  }, []);
  const may = (asked: Permission): boolean => me.data?.permissions.includes(asked) ?? false;
  return (
    <div className={styles['page']}>
      <PageHeader title="Server settings" backTo="/settings" backLabel="Back to settings">
        {me.data?.is_staff ? (
          <a className={buttonClass('quiet')} href="/admin/">
            Django admin
          </a>
        ) : null}
      </PageHeader>
      <main className={styles['main']}>
        <Gate query={me}>
          <p className={styles['dim']}>
            What you set here counts from the next session on, on every server process. Calls that run go on as they
            began. Each change is written into the log at the end of this page.
          </p>
          <ProviderSection />
          <VoiceDefaultsSection />
          <VoicesSection />
          <ModelsSection />
          <GroupsSection />
          <RetentionSection />
          <ReadingSection isSuperuser={me.data?.is_superuser ?? false} />
        </Gate>
        {may('manage_webhooks') ? <WebhooksSection mayIncludeWords={may('export_conversation')} /> : null}
        {may('administer_voice') ? <ChangesSection /> : null}
      </main>
    </div>
  );
}

interface GateProps {
  query: {
    isPending: boolean;
    isError: boolean;
    error: unknown;
    data?: { permissions: readonly string[] } | undefined;
  };
  children: ReactNode;
}

/** The server refuses everybody else anyway; this says so instead of failing. */
function Gate({ query, children }: GateProps) {
  if (query.isPending) return <Spinner label="Loading the settings" />;
  if (query.isError || !query.data) {
    return (
      <Notice urgency="alert" tone="danger">
        {describeError(query.error)}
      </Notice>
    );
  }
  const { permissions } = query.data;
  if (!permissions.includes('administer_voice')) {
    // Who manages webhooks alone has a part of the page.
    if (permissions.includes('manage_webhooks')) return null;
    return (
      <Notice urgency="alert" tone="warning">
        You may not change the settings of this server. Ask an administrator for the permission “administer voice”.
      </Notice>
    );
  }
  return children;
}
