import { Link } from 'react-router';

import type { ReviewCall } from '../../api/types.ts';
import { dateTime } from '../../ui/format.ts';
import styles from './calls.module.css';
import type { Column } from './columns.tsx';
import type { Selection } from './selection.ts';

export interface CallRowsProps {
  calls: readonly ReviewCall[];
  columns: readonly Column[];
  /** The server's word, with `-` in front for the largest first. */
  sort: string;
  onSort(sort: string): void;
  selection: Selection;
  addressOf(call: ReviewCall): string;
}

/** What identifies a call where only words count. */
export const nameOf = (call: ReviewCall): string => `${call.user.username}, ${dateTime(call.started_at)}`;

export function CallTable({ calls, columns, sort, onSort, selection, addressOf }: CallRowsProps) {
  const ids = calls.map((call) => call.session_id);
  return (
    <section className={styles['scroller']} aria-label="Calls" tabIndex={-1}>
      <table className={styles['table']}>
        <thead>
          <tr>
            <th className={styles['check']} scope="col">
              <Tick
                label="Select all calls on this page"
                isOn={ids.length > 0 && ids.every((id) => selection.ids.has(id))}
                onToggle={() => selection.toggleAll(ids)}
              />
            </th>
            {columns.map((column) => (
              <HeadCell key={column.name} column={column} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {calls.map((call) => (
            <tr key={call.session_id} data-selected={selection.ids.has(call.session_id) || undefined}>
              <td className={styles['check']}>
                <Tick
                  label={`Select ${nameOf(call)}`}
                  isOn={selection.ids.has(call.session_id)}
                  onToggle={() => selection.toggle(call.session_id)}
                />
              </td>
              {columns.map((column, index) => (
                <td key={column.name} className={column.isNumber ? styles['number'] : undefined} data-column={column.name}>
                  {index === 0 ? (
                    <Link to={addressOf(call)} className={styles['open']} data-step="" aria-label={`Open ${nameOf(call)}`}>
                      {column.cell(call)}
                    </Link>
                  ) : (
                    column.cell(call)
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface HeadCellProps {
  column: Column;
  sort: string;
  onSort(sort: string): void;
}

function HeadCell({ column, sort, onSort }: HeadCellProps) {
  const { sort: key } = column;
  const direction = sort === key ? 'ascending' : sort === `-${key}` ? 'descending' : undefined;
  return (
    <th scope="col" className={column.isNumber ? styles['number'] : undefined} aria-sort={direction}>
      {key === undefined ? (
        column.label
      ) : (
        <button
          type="button"
          className={styles['sort']}
          onClick={() => onSort(direction === 'descending' ? key : `-${key}`)}
        >
          {column.label}
          <span aria-hidden="true">{direction === 'ascending' ? ' ↑' : direction === 'descending' ? ' ↓' : ''}</span>
        </button>
      )}
    </th>
  );
}

interface TickProps {
  label: string;
  isOn: boolean;
  onToggle(): void;
}

/** A box to tick, with room for a finger. */
export function Tick({ label, isOn, onToggle }: TickProps) {
  return (
    <label className={styles['tick']}>
      <input type="checkbox" aria-label={label} checked={isOn} onChange={onToggle} />
    </label>
  );
}
