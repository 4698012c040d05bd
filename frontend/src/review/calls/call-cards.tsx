import { Link } from 'react-router';

import { Tick, type CallRowsProps, nameOf } from './call-table.tsx';
import styles from './calls.module.css';

/** The same rows for a narrow screen: one card each, its facts by name. */
export function CallCards({ calls, columns, selection, addressOf }: CallRowsProps) {
  const [head, ...others] = columns;
  return (
    <ul className={styles['cards']} aria-label="Calls">
      {calls.map((call) => (
        <li key={call.session_id} className={styles['card']} data-selected={selection.ids.has(call.session_id) || undefined}>
          <div className={styles['cardHead']}>
            <Link to={addressOf(call)} className={styles['open']} data-step="" aria-label={`Open ${nameOf(call)}`}>
              {head?.cell(call)}
            </Link>
            <Tick
              label={`Select ${nameOf(call)}`}
              isOn={selection.ids.has(call.session_id)}
              onToggle={() => selection.toggle(call.session_id)}
            />
          </div>
          <dl className={styles['cardFacts']}>
            {others.map((column) => (
              <div key={column.name} data-column={column.name}>
                <dt>{column.label}</dt>
                <dd>{column.cell(call)}</dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ul>
  );
}
