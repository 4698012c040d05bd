import { type FormEvent, useState } from 'react';

import { type Direction, DIRECTIONS, type EventFilter } from '../../api/review-traces.ts';
import type { CallEvents } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { beginning, visibleText } from '../../ui/visible-text.ts';
import { DIRECTION_WORDS } from './events.ts';
import styles from './events.module.css';

const TYPE_MAX_UNITS = 60;
const FIND_MAX_CHARS = 200;

interface EventFilterFormProps {
  filter: EventFilter;
  /** What was found; its types and directions are those of the whole log. */
  found: CallEvents;
  onChange(filter: EventFilter): void;
}

/** Direction and type count at once, words when they are sent off. */
export function EventFilterForm({ filter, found, onChange }: EventFilterFormProps) {
  const [words, setWords] = useState(filter.find);
  const narrow = (changes: Partial<EventFilter>): void => onChange({ ...filter, ...changes, page: 1 });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    narrow({ find: words.trim() });
  };
  const toggle = (direction: Direction): void =>
    narrow({
      directions: DIRECTIONS.filter((one) => (one === direction) !== filter.directions.includes(one)),
    });
  const types = Object.entries(found.types).map(([type, count]) => ({
    value: type,
    label: `${visibleText(beginning(type, TYPE_MAX_UNITS)) || '(no type)'} (${count})`,
  }));
  return (
    <form className={styles['filter']} role="search" aria-label="Filter events" onSubmit={submit}>
      <fieldset className={styles['directions']}>
        <legend>Direction</legend>
        {DIRECTIONS.filter((direction) => found.directions[direction]).map((direction) => (
          <label key={direction} className={styles['direction']}>
            <input
              type="checkbox"
              checked={filter.directions.includes(direction)}
              onChange={() => toggle(direction)}
            />
            {DIRECTION_WORDS[direction]} ({found.directions[direction]})
          </label>
        ))}
      </fieldset>
      <SelectField
        label="Type"
        value={filter.types[0] ?? ''}
        options={[{ value: '', label: 'All types' }, ...types]}
        onChange={(type) => narrow({ types: type ? [type] : [] })}
      />
      <TextField
        label="Contains"
        type="search"
        maxLength={FIND_MAX_CHARS}
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      <Button type="submit">Find</Button>
    </form>
  );
}
