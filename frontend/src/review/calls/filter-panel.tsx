import { type FormEvent, useState } from 'react';

import type { CallChoices } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { visibleText } from '../../ui/visible-text.ts';
import {
  CALL_FILTER_NAMES,
  type CallFilterName,
  type CallFilters,
  fieldOf,
} from './call-filters.ts';
import styles from './filters.module.css';

/** Always in sight; the others are behind a button. */
const FIRST: readonly CallFilterName[] = ['search', 'said_by', 'preset', 'interrupted'];
const MORE = CALL_FILTER_NAMES.filter((name) => !FIRST.includes(name));

/** Filters whose values the server knows better than this page. */
const FROM_SERVER: Partial<Record<CallFilterName, (choices: CallChoices) => readonly string[]>> = {
  model: ({ models }) => models,
  group: ({ groups }) => groups,
  language: ({ languages }) => languages,
  reviewer: ({ reviewers }) => reviewers,
  tag: ({ tags }) => tags.map((tag) => tag.name),
};

interface FilterPanelProps {
  filters: CallFilters;
  choices: CallChoices | undefined;
  onApply(filters: CallFilters): void;
}

/** Give it a new `key` whenever the address changes: what is typed and not applied is its own. */
export function FilterPanel({ filters, choices, onApply }: FilterPanelProps) {
  const [draft, setDraft] = useState(filters);
  const change = (name: CallFilterName, value: string): void => setDraft({ ...draft, [name]: value });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onApply(draft);
  };
  const field = (name: CallFilterName) => (
    <FilterInput
      key={name}
      name={name}
      known={choices && FROM_SERVER[name]?.(choices)}
      value={draft[name] ?? ''}
      onChange={(value) => change(name, value)}
    />
  );
  const set = MORE.filter((name) => filters[name]).length;
  return (
    <form className={styles['panel']} role="search" aria-label="Filter calls" onSubmit={submit}>
      <div className={styles['first']}>
        {FIRST.map(field)}
        <Button type="submit" look="primary">
          Apply
        </Button>
      </div>
      <details className={styles['more']}>
        <summary className={styles['summary']}>More filters{set > 0 ? ` (${set} set)` : ''}</summary>
        <div className={styles['grid']}>
          {MORE.map(field)}
          <Button type="submit">Apply all</Button>
        </div>
      </details>
    </form>
  );
}

interface FilterInputProps {
  name: CallFilterName;
  known: readonly string[] | undefined;
  value: string;
  onChange(value: string): void;
}

function FilterInput({ name, known, value, onChange }: FilterInputProps) {
  const { label, kind, choices, unit, step } = fieldOf(name);
  const shown = unit ? `${label} (${unit})` : label;
  const offered = choices ?? known?.map((each) => ({ value: each, label: visibleText(each) }));
  if (offered) {
    const isForeign = value !== '' && offered.every((choice) => choice.value !== value);
    return (
      <SelectField
        label={shown}
        value={value}
        options={[
          { value: '', label: 'any' },
          ...offered,
          ...(isForeign ? [{ value, label: visibleText(value) }] : []),
        ]}
        onChange={onChange}
      />
    );
  }
  const type = kind === 'words' ? (name === 'search' ? 'search' : 'text') : kind;
  return (
    <TextField
      label={shown}
      type={type}
      {...(kind === 'number' ? { min: 0, step: step ?? '1' } : { maxLength: 200 })}
      autoCapitalize="none"
      autoComplete="off"
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
