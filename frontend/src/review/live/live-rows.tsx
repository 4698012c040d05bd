import type { LiveCall, LiveLine } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { visibleText } from '../../ui/visible-text.ts';
import calls from '../calls/calls.module.css';
import { LIVE_COLUMNS } from './live-columns.tsx';
import styles from './live.module.css';

export interface LiveRowsProps {
  calls: readonly LiveCall[];
  linesOf(sessionId: string): readonly LiveLine[] | undefined;
  nowMs: number;
  /** The one that is open beside the list. */
  openId: string | null;
  onOpen(call: LiveCall): void;
  /** Absent for who may not. */
  onEnd?: ((call: LiveCall) => void) | undefined;
}

const nameOf = (call: LiveCall): string => visibleText(call.user.username);

/** The cell that opens the call; its name stays the same while the others change. */
function Opener({ call, props }: { call: LiveCall; props: LiveRowsProps }) {
  return (
    <button
      type="button"
      className={styles['open']}
      data-step=""
      data-call={call.session_id}
      aria-label={`Read along with ${nameOf(call)}`}
      aria-expanded={props.openId === call.session_id}
      onClick={() => props.onOpen(call)}
    >
      {LIVE_COLUMNS[0]?.cell(call, { nowMs: props.nowMs, lines: undefined })}
    </button>
  );
}

function EndButton({ call, onEnd }: { call: LiveCall; onEnd: LiveRowsProps['onEnd'] }) {
  if (!onEnd) return null;
  return (
    <Button look="danger" className={styles['end']} aria-label={`End ${nameOf(call)}’s call…`} onClick={() => onEnd(call)}>
      End…
    </Button>
  );
}

export function LiveTable(props: LiveRowsProps) {
  const columns = props.openId === null ? LIVE_COLUMNS : LIVE_COLUMNS.filter(({ isAside }) => !isAside);
  return (
    <section className={calls['scroller']} aria-label="Running calls" tabIndex={-1}>
      <table className={calls['table']}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" className={column.isNumber ? calls['number'] : undefined}>
                {column.label}
              </th>
            ))}
            {props.onEnd ? <th scope="col">Actions</th> : null}
          </tr>
        </thead>
        <tbody>
          {props.calls.map((call) => (
            <tr key={call.session_id} data-selected={props.openId === call.session_id || undefined}>
              {columns.map((column, index) => (
                <td key={column.name} className={column.isNumber ? calls['number'] : undefined} data-column={column.name}>
                  {index === 0 ? (
                    <Opener call={call} props={props} />
                  ) : (
                    column.cell(call, { nowMs: props.nowMs, lines: props.linesOf(call.session_id) })
                  )}
                </td>
              ))}
              {props.onEnd ? (
                <td>
                  <EndButton call={call} onEnd={props.onEnd} />
                </td>
              ) : null}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The same rows for a narrow screen: one card each, its facts by name. */
export function LiveCards(props: LiveRowsProps) {
  return (
    <ul className={calls['cards']} aria-label="Running calls">
      {props.calls.map((call) => (
        <li key={call.session_id} className={calls['card']} data-selected={props.openId === call.session_id || undefined}>
          <div className={calls['cardHead']}>
            <Opener call={call} props={props} />
            <EndButton call={call} onEnd={props.onEnd} />
          </div>
          <dl className={calls['cardFacts']}>
            {LIVE_COLUMNS.slice(1).map((column) => (
              <div key={column.name} data-column={column.name}>
                <dt>{column.label}</dt>
                <dd>{column.cell(call, { nowMs: props.nowMs, lines: props.linesOf(call.session_id) })}</dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ul>
  );
}
