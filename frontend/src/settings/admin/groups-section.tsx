import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { deleteGroupLimits, fetchGroupLimits } from '../../api/administration.ts';
import { queryKeys } from '../../api/query-keys.ts';
import type { GroupLimits, ServerLimits } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { visibleText } from '../../ui/visible-text.ts';
import styles from './admin.module.css';
import { GroupLimitsDialog } from './group-limits-dialog.tsx';
import { Section } from './section.tsx';
import { useChange } from './use-change.ts';

const nameOf = (limits: GroupLimits): string =>
  limits.group_name === null ? 'Everybody else' : visibleText(limits.group_name);
const anyOr = (names: readonly string[] | undefined): string =>
  names && names.length > 0 ? names.join(', ') : 'every enabled one';

/** What each person of a group may use in a day and a month, and may choose. */
export function GroupsSection() {
  const limits = useQuery({ queryKey: queryKeys.groupLimits, queryFn: fetchGroupLimits });
  return (
    <Section
      title="Limits by group"
      about="For each person. Who is in several groups is held to the row with the lowest number. People are put into groups in the Django admin."
      query={limits}
    >
      {(data) => <Groups data={data} />}
    </Section>
  );
}

function Groups({ data }: { data: ServerLimits }) {
  const [edited, setEdited] = useState<GroupLimits | 'new' | null>(null);
  const [leaving, setLeaving] = useState<GroupLimits | null>(null);
  const remove = useChange((limits: GroupLimits) => deleteGroupLimits(limits.id), 'Limits deleted.');
  const taken = new Set(data.results.map((one) => one.group));
  const free = data.groups.filter((one) => !taken.has(one.id));
  const people = new Map(data.groups.map((one) => [one.id, one.people]));
  return (
    <>
      <div className={styles['scroll']} role="region" aria-label="Limits by group">
        <table className={styles['table']}>
          <thead>
            <tr>
              <th scope="col">Group</th>
              <th scope="col" className={styles['number']}>
                Number
              </th>
              <th scope="col" className={styles['number']}>
                Minutes a day
              </th>
              <th scope="col" className={styles['number']}>
                US dollars a month
              </th>
              <th scope="col">Models</th>
              <th scope="col">Voices</th>
              <th scope="col">Change</th>
            </tr>
          </thead>
          <tbody>
            {data.results.map((limits) => (
              <tr key={limits.id}>
                <th scope="row">
                  <bdi>{nameOf(limits)}</bdi>
                  {limits.group === null ? '' : ` (${people.get(limits.group) ?? 0})`}
                </th>
                <td className={styles['number']}>{limits.priority}</td>
                <td className={styles['number']}>
                  {limits.day_minutes ?? `${Math.round(data.server_day_minutes)} (server)`}
                </td>
                <td className={styles['number']}>
                  {limits.month_usd ?? (data.server_month_usd === null ? 'any' : `${data.server_month_usd} (server)`)}
                </td>
                <td>{anyOr(limits.models)}</td>
                <td>{anyOr(limits.voices)}</td>
                <td>
                  <span className={styles['actions']}>
                    <Button look="quiet" aria-label={`Edit the limits of ${nameOf(limits)}`} onClick={() => setEdited(limits)}>
                      Edit
                    </Button>
                    {limits.group === null ? null : (
                      <Button
                        look="quiet"
                        aria-label={`Delete the limits of ${nameOf(limits)}`}
                        onClick={() => setLeaving(limits)}
                      >
                        Delete
                      </Button>
                    )}
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div>
        {free.length > 0 ? (
          <Button onClick={() => setEdited('new')}>Add limits for a group</Button>
        ) : (
          <p className={styles['dim']}>Every group has its row.</p>
        )}
      </div>
      {edited === null ? null : (
        <GroupLimitsDialog limits={edited === 'new' ? null : edited} groups={free} onClose={() => setEdited(null)} />
      )}
      {leaving ? (
        <Dialog title={`Delete the limits of ${nameOf(leaving)}?`} onClose={() => setLeaving(null)}>
          <p>The people of this group are then held to the limits of everybody else.</p>
          <DialogActions>
            <Button onClick={() => setLeaving(null)}>Cancel</Button>
            <Button
              look="danger"
              disabled={remove.isPending}
              onClick={() => remove.mutate(leaving, { onSuccess: () => setLeaving(null) })}
            >
              Delete limits
            </Button>
          </DialogActions>
        </Dialog>
      ) : null}
    </>
  );
}
