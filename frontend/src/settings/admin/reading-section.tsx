import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';

import { changeReadingSwitch, fetchReadingSwitch } from '../../api/administration.ts';
import { queryKeys } from '../../api/query-keys.ts';
import styles from './admin.module.css';
import { Section } from './section.tsx';
import { useChange } from './use-change.ts';

/** Whether anybody reads other people's conversations here. */
export function ReadingSection({ isSuperuser }: { isSuperuser: boolean }) {
  const id = useId();
  const reading = useQuery({ queryKey: queryKeys.readingSwitch, queryFn: fetchReadingSwitch });
  const change = useChange(changeReadingSwitch, 'Saved. It counts at once.');
  return (
    <Section
      title="Review of conversations"
      about="Off: nobody reads, searches or exports other people’s conversations, superusers included. Only superusers can change it."
      query={reading}
    >
      {(data) => (
        <div className={styles['switch']}>
          <input
            id={id}
            type="checkbox"
            checked={data.is_on}
            disabled={!isSuperuser || change.isPending}
            onChange={(event) => change.mutate(event.target.checked)}
          />
          <label htmlFor={id}>Reviewers may read conversations</label>
        </div>
      )}
    </Section>
  );
}
