import type { ReactNode } from 'react';

import type { CallContext } from '../../api/types.ts';
import { dateTime } from '../../ui/format.ts';
import { HostileLine, HostileText } from '../hostile-text.tsx';
import styles from './call.module.css';

/** What the model was told at the start of the call, word for word where that was kept. */
export function ContextTab({ context }: { context: CallContext | null }) {
  if (context === null) return <p className={styles['dim']}>Nothing of it is kept: the conversation was deleted.</p>;
  if (context.sent.length === 0) return <Asked context={context} />;
  return context.sent.map((sent, index) => (
    <SentOnce
      key={sent.sent_at}
      sent={sent}
      title={index === 0 ? 'Sent at the start' : `Sent again at ${dateTime(sent.sent_at)}, when the call went on anew`}
    />
  ));
}

/** Calls from before it was kept: what was asked for when they were made. */
function Asked({ context }: { context: CallContext }) {
  return (
    <>
      <p className={styles['dim']}>What was sent is not kept of this call; this is what was asked for.</p>
      <Facts told={context}>
        <div>
          <dt>Earlier lines of the conversation</dt>
          <dd>{context.earlier_items}</dd>
        </div>
      </Facts>
      <h2>Instructions</h2>
      {context.instructions ? (
        <HostileText text={context.instructions} />
      ) : (
        <p className={styles['dim']}>None of its own: the server’s default instructions were used.</p>
      )}
    </>
  );
}

type Sent = CallContext['sent'][number];

function SentOnce({ sent, title }: { sent: Sent; title: string }) {
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <Facts told={sent}>
        <div>
          <dt>Lines of history</dt>
          <dd>
            {sent.history.length + sent.gone}
            {sent.gone > 0 ? `, ${sent.gone} of them deleted since` : ''}
          </dd>
        </div>
      </Facts>
      <h3>Instructions</h3>
      {sent.instructions ? <HostileText text={sent.instructions} /> : <p className={styles['dim']}>None.</p>}
      {sent.history.length > 0 ? (
        <>
          <h3>History</h3>
          <ol className={styles['history']}>
            {sent.history.map((line) => (
              <li key={line.item_id}>
                <strong>{line.role}</strong>
                <HostileText text={line.text} />
              </li>
            ))}
          </ol>
        </>
      ) : null}
    </section>
  );
}

interface FactsProps {
  told: Pick<Sent, 'voice' | 'output_modalities' | 'tools'>;
  children: ReactNode;
}

function Facts({ told, children }: FactsProps) {
  return (
    <dl className={styles['facts']}>
      <div>
        <dt>Voice</dt>
        <dd>
          <HostileLine text={told.voice || '–'} />
        </dd>
      </div>
      <div>
        <dt>Answers in</dt>
        <dd>{told.output_modalities.join(', ') || 'the usual way'}</dd>
      </div>
      <div>
        <dt>Tools</dt>
        <dd>
          <HostileLine text={told.tools.join(', ') || 'none'} maxUnits={1000} />
        </dd>
      </div>
      {children}
    </dl>
  );
}
