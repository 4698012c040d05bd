import type { CallContext } from '../../api/types.ts';
import { HostileLine, HostileText } from '../hostile-text.tsx';
import styles from './call.module.css';

/** What the model was told at the start of the call. */
export function ContextTab({ context }: { context: CallContext | null }) {
  if (context === null) return <p className={styles['dim']}>Nothing of it is kept: the conversation was deleted.</p>;
  return (
    <>
      <dl className={styles['facts']}>
        <div>
          <dt>Voice</dt>
          <dd>
            <HostileLine text={context.voice || '–'} />
          </dd>
        </div>
        <div>
          <dt>Answers in</dt>
          <dd>{context.output_modalities.join(', ') || 'the usual way'}</dd>
        </div>
        <div>
          <dt>Tools</dt>
          <dd>
            <HostileLine text={context.tools.join(', ') || 'none'} maxUnits={1000} />
          </dd>
        </div>
        <div>
          <dt>Earlier lines of the conversation</dt>
          <dd>{context.earlier_items}</dd>
        </div>
      </dl>
      <h2>Instructions</h2>
      {context.instructions ? (
        <HostileText text={context.instructions} />
      ) : (
        <p className={styles['dim']}>None of its own: the server’s default instructions were used.</p>
      )}
    </>
  );
}
