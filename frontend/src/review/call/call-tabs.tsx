import { Tabs } from 'radix-ui';
import { useLocation, useSearchParams } from 'react-router';

import type { Me, OneCall } from '../../api/types.ts';
import { AccessTab } from './access-tab.tsx';
import styles from './call.module.css';
import { ContextTab } from './context-tab.tsx';
import { CostTab } from './cost-tab.tsx';
import { EventsTab } from './events-tab.tsx';
import { LatencyTab } from './latency-tab.tsx';
import { ReviewTab } from './review-tab.tsx';
import { TranscriptTab } from './transcript-tab.tsx';

const TABS = [
  { name: 'transcript', label: 'Transcript' },
  { name: 'latency', label: 'Latency' },
  { name: 'events', label: 'Events' },
  { name: 'cost', label: 'Cost' },
  { name: 'context', label: 'Context sent' },
  { name: 'review', label: 'Review' },
  { name: 'access', label: 'Access' },
];
const PARAM = 'tab';

/** The address of the transcript of this call: the filter stays, the tab goes. */
export function transcriptSearchOf(params: URLSearchParams): string {
  const next = new URLSearchParams(params);
  next.delete(PARAM);
  return next.size > 0 ? `?${next.toString()}` : '?';
}

/** What is known of a call, by kind. The chosen tab stands in the address. */
export function CallTabs({ one, me }: { one: OneCall; me: Me }) {
  const [params, setParams] = useSearchParams();
  const { hash } = useLocation();
  const wished = params.get(PARAM);
  const tab = TABS.find(({ name }) => name === wished)?.name ?? 'transcript';
  const choose = (name: string): void => {
    const next = new URLSearchParams(params);
    next.set(PARAM, name);
    if (name === 'transcript') next.delete(PARAM);
    setParams(next, { replace: true });
  };
  const { call } = one;
  return (
    <Tabs.Root value={tab} onValueChange={choose}>
      <Tabs.List className={styles['tabList']} aria-label="About this call">
        {TABS.map(({ name, label }) => (
          <Tabs.Trigger key={name} value={name} className={styles['tab']}>
            {label}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      <Tabs.Content value="transcript" className={styles['panel']} tabIndex={-1}>
        <TranscriptTab
          sessionId={call.session_id}
          items={one.items}
          comments={one.comments}
          startedAt={call.started_at}
          myName={me.username}
          hash={hash}
        />
      </Tabs.Content>
      <Tabs.Content value="latency" className={styles['panel']} tabIndex={-1}>
        <LatencyTab
          sessionId={call.session_id}
          items={one.items}
          startedAt={call.started_at}
          transcriptSearch={transcriptSearchOf(params)}
        />
      </Tabs.Content>
      <Tabs.Content value="events" className={styles['panel']} tabIndex={-1}>
        <EventsTab sessionId={call.session_id} mayExport={me.permissions.includes('export_conversation')} />
      </Tabs.Content>
      <Tabs.Content value="cost" className={styles['panel']} tabIndex={-1}>
        <CostTab usage={one.usage} totalUsd={call.cost_usd} />
      </Tabs.Content>
      <Tabs.Content value="context" className={styles['panel']} tabIndex={-1}>
        <ContextTab context={one.context_sent} />
      </Tabs.Content>
      <Tabs.Content value="review" className={styles['panel']} tabIndex={-1}>
        <ReviewTab sessionId={call.session_id} review={one.review} tags={call.tags} />
      </Tabs.Content>
      <Tabs.Content value="access" className={styles['panel']} tabIndex={-1}>
        <AccessTab access={one.access} />
      </Tabs.Content>
    </Tabs.Root>
  );
}
