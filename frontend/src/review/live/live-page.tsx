import { useCallback, useEffect, useRef, useState } from 'react';
import { useSearchParams } from 'react-router';

import { ApiError, describeError } from '../../api/api-error.ts';
import type { LiveCall, LiveLine, Me } from '../../api/types.ts';
import { counted } from '../../ui/format.ts';
import { Notice } from '../../ui/notice.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useMedia } from '../../ui/use-media.ts';
import { visibleText } from '../../ui/visible-text.ts';
import { accessReason, keepAccessReason, useAccessReason } from '../access-reason.ts';
import calls from '../calls/calls.module.css';
import { EndSessionDialog } from '../end-session-dialog.tsx';
import { ReasonDialog } from '../reason-gate.tsx';
import { ReviewGate } from '../review-gate.tsx';
import { ReviewNav } from '../review-nav.tsx';
import { useStepKeys } from '../use-step-keys.ts';
import type { FloorLine, FloorView } from './floor-store.ts';
import { LiveDrawer } from './live-drawer.tsx';
import { LiveCards, LiveTable } from './live-rows.tsx';
import styles from './live.module.css';
import { POLL_MS, useLiveFloor } from './use-live-floor.ts';
import { useNow } from './use-now.ts';

const LINE_WORDS: Readonly<Record<FloorLine, string>> = {
  connecting: 'Connecting…',
  live: 'Live',
  polling: `Every ${POLL_MS / 1000} s`,
};

/** The live floor: every call that runs now. The one that is read along stands in the address. */
export default function LivePage() {
  useEffect(() => {
    document.title = 'Live · Review · VoiceAssist';
  }, []);
  return (
    <div className={calls['page']}>
      <PageHeader title="Review" backTo="/" backLabel="Back to conversations" />
      <ReviewNav />
      <main className={calls['main']}>
        <ReviewGate>{(me) => <Floor me={me} />}</ReviewGate>
      </main>
    </div>
  );
}

function headingOf({ isBlank, calls: running }: FloorView): string {
  if (isBlank) return 'Running calls';
  return running.length === 0 ? 'No call is running' : counted(running.length, 'running call');
}

function Floor({ me }: { me: Me }) {
  const { view, error, open, learn } = useLiveFloor();
  const [params, setParams] = useSearchParams();
  const openId = params.get('call');
  const reason = useAccessReason();
  const [ending, setEnding] = useState<LiveCall | null>(null);
  const toast = useToast();
  const nowMs = useNow() + view.skewMs;
  const rows = useRef<HTMLDivElement>(null);
  useStepKeys(rows);
  const isNarrow = useMedia('(max-width: 767px)');
  const mayEnd = me.permissions.includes('end_session');
  const opened = view.calls.find((call) => call.session_id === openId);
  // Of one's own call nobody asks why.
  const mayRead = reason !== '' || opened?.user.id === me.id;

  useEffect(() => {
    if (openId && mayRead) open(openId, accessReason());
  }, [openId, mayRead, reason, open]);
  const read = openId ? view.lines[openId] : undefined;
  useEffect(() => {
    // Reading along goes on with the visit.
    if (read) accessReason();
  }, [read]);
  const onRead = useCallback((lines: readonly LiveLine[]) => openId && learn(openId, lines), [openId, learn]);
  const show = (call: LiveCall): void => setParams({ call: call.session_id }, { replace: openId !== null });
  const close = (): void => {
    const opener = rows.current?.querySelector<HTMLElement>(`[data-call="${CSS.escape(openId ?? '')}"]`);
    setParams({}, { replace: true });
    (opener ?? rows.current?.querySelector<HTMLElement>('h2'))?.focus();
  };
  const Rows = isNarrow ? LiveCards : LiveTable;
  if (error instanceof ApiError && error.status === 403) {
    // Taken away while the page was open: what was shown is not shown any longer.
    return (
      <Notice urgency="alert" tone="warning">
        {describeError(error)}
      </Notice>
    );
  }
  return (
    <>
      <div ref={rows} className={styles['floor']} data-open={openId !== null || undefined}>
        <section className={calls['list']} aria-labelledby="running">
          <div className={calls['listHead']}>
            <h2 id="running" tabIndex={-1}>
              {headingOf(view)}
            </h2>
            <p role="status" className={styles['line-state']} data-line={view.line}>
              {LINE_WORDS[view.line]}
            </p>
          </div>
          {error ? (
            <Notice urgency="alert" tone="danger">
              {describeError(error)}
            </Notice>
          ) : null}
          {view.isBlank && !error ? <Spinner label="Looking at what runs" /> : null}
          {view.calls.length === 0 && !view.isBlank ? (
            <p className={calls['dim']}>A call stands here from a second after it has begun until it ends.</p>
          ) : null}
          {view.calls.length > 0 ? (
            <Rows
              calls={view.calls}
              linesOf={(id) => view.lines[id]}
              nowMs={nowMs}
              openId={openId}
              onOpen={show}
              onEnd={mayEnd ? setEnding : undefined}
            />
          ) : null}
          {view.more ? <p className={calls['dim']}>There are more; these are the newest.</p> : null}
        </section>
        {openId && mayRead ? (
          <LiveDrawer
            key={openId}
            sessionId={openId}
            call={opened}
            lines={read}
            refusal={view.refused[openId] ?? ''}
            floorLine={view.line}
            nowMs={nowMs}
            onRead={onRead}
            onEnd={mayEnd && opened ? () => setEnding(opened) : undefined}
            onClose={close}
          />
        ) : null}
      </div>
      {openId && !mayRead && !view.isBlank ? <ReasonDialog onGiven={keepAccessReason} onClose={close} /> : null}
      {ending ? (
        <EndSessionDialog
          sessionId={ending.session_id}
          username={visibleText(ending.user.username)}
          onEnded={() => toast({ text: `${visibleText(ending.user.username)}’s call is ended.` })}
          onClose={() => setEnding(null)}
        />
      ) : null}
    </>
  );
}
