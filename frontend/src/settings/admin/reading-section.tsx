import { useQuery } from '@tanstack/react-query';

import { changeReadingSwitch, fetchReadingSwitch } from '../../api/administration.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { Section } from './section.tsx';
import { Toggle } from './toggle.tsx';
import { useChange } from './use-change.ts';

/** Whether anybody reads other people's conversations here. */
export function ReadingSection({ isSuperuser }: { isSuperuser: boolean }) {
  const reading = useQuery({ queryKey: queryKeys.readingSwitch, queryFn: fetchReadingSwitch });
  const change = useChange(changeReadingSwitch, 'Saved. It counts at once.');
  return (
    <Section
      title="Review of conversations"
      about="Off: nobody reads, searches or exports other people’s conversations, superusers included. Only superusers can change it."
      query={reading}
    >
      {(data) => (
        <Toggle
          label="Reviewers may read conversations"
          isOn={data.is_on}
          disabled={!isSuperuser}
          onToggle={(isOn) => change.mutateAsync(isOn)}
        />
      )}
    </Section>
  );
}
