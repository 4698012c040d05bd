import type { CallAccess } from '../../api/types.ts';
import { dateTime } from '../../ui/format.ts';
import { HostileLine } from '../hostile-text.tsx';
import styles from './call.module.css';

/** Who has read this conversation, when and why; its owner sees the same. */
export function AccessTab({ access }: { access: readonly CallAccess[] }) {
  if (access.length === 0) return <p className={styles['dim']}>Nobody but its owner has read it.</p>;
  return (
    <div className={styles['scroller']}>
      <table className={styles['table']}>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {access.map((visit) => (
            <tr key={`${visit.reviewer} ${visit.visited_at}`}>
              <td>{dateTime(visit.visited_at)}</td>
              <td>
                <HostileLine text={visit.reviewer} />
              </td>
              <td>{visit.reason ? <HostileLine text={visit.reason} maxUnits={500} /> : 'no reason given'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
