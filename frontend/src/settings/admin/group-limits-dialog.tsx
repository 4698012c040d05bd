import { type FormEvent, useState } from 'react';

import { addGroupLimits, changeGroupLimits } from '../../api/administration.ts';
import type { GroupLimits, GroupLimitsChanges, ServerLimits } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { visibleText } from '../../ui/visible-text.ts';
import styles from './admin.module.css';
import { useChange } from './use-change.ts';

const NUMBERS = [
  { name: 'day_minutes', label: 'Voice minutes a day', hint: 'Empty: as the server allows.', step: 1, min: 0 },
  { name: 'month_usd', label: 'US dollars a month', hint: 'Empty: as the server allows.', step: 0.01, min: 0 },
  { name: 'max_output_tokens', label: 'Longest answer (tokens)', hint: 'Empty: as the model answers.', step: 1, min: 1 },
  { name: 'max_tools', label: 'Tools in a session', hint: 'Empty: as the server allows. 0: none.', step: 1, min: 0 },
  { name: 'max_instructions_bytes', label: 'Own instructions (bytes)', hint: 'Empty: as the server allows.', step: 1, min: 0 },
] as const;
const SWITCHES = [
  { name: 'allow_mcp', label: 'MCP servers that a client names' },
  { name: 'allow_stored_prompts', label: 'Prompt templates kept at the provider' },
  { name: 'allow_system_items', label: 'Messages with the role “system”' },
  { name: 'may_read_server_instructions', label: 'Reading the server’s own instructions' },
] as const;
const LISTS = [
  { name: 'models', label: 'Models', hint: 'Separated by commas; the first is the default. Empty: every enabled one.' },
  { name: 'voices', label: 'Voices', hint: 'Separated by commas. Empty: every enabled one.' },
  { name: 'output_modalities', label: 'Answers', hint: 'audio, text. Empty: both.' },
] as const;

type Words = Record<(typeof NUMBERS | typeof LISTS)[number]['name'] | 'priority', string>;
type Flags = Record<(typeof SWITCHES)[number]['name'], boolean>;

const wordsOf = (limits: GroupLimits | null): Words => ({
  priority: String(limits?.priority ?? 100),
  day_minutes: String(limits?.day_minutes ?? ''),
  month_usd: limits?.month_usd ?? '',
  max_output_tokens: String(limits?.max_output_tokens ?? ''),
  max_tools: String(limits?.max_tools ?? ''),
  max_instructions_bytes: String(limits?.max_instructions_bytes ?? ''),
  models: (limits?.models ?? []).join(', '),
  voices: (limits?.voices ?? []).join(', '),
  output_modalities: (limits?.output_modalities ?? []).join(', '),
});
const flagsOf = (limits: GroupLimits | null): Flags => ({
  allow_mcp: limits?.allow_mcp ?? false,
  allow_stored_prompts: limits?.allow_stored_prompts ?? false,
  allow_system_items: limits?.allow_system_items ?? true,
  may_read_server_instructions: limits?.may_read_server_instructions ?? false,
});

const listOf = (text: string): string[] => [...new Set(text.split(',').map((name) => name.trim()))].filter(Boolean);
const numberOf = (text: string): number | null => (text === '' ? null : Number(text));

const changesOf = (words: Words, flags: Flags): GroupLimitsChanges => ({
  priority: Number(words.priority),
  day_minutes: numberOf(words.day_minutes),
  month_usd: words.month_usd === '' ? null : words.month_usd,
  max_output_tokens: numberOf(words.max_output_tokens),
  max_tools: numberOf(words.max_tools),
  max_instructions_bytes: numberOf(words.max_instructions_bytes),
  models: listOf(words.models),
  voices: listOf(words.voices),
  output_modalities: listOf(words.output_modalities),
  ...flags,
});

interface GroupLimitsDialogProps {
  /** Null: a new row, for one of `groups`. */
  limits: GroupLimits | null;
  groups: ServerLimits['groups'];
  onClose(): void;
}

export function GroupLimitsDialog({ limits, groups, onClose }: GroupLimitsDialogProps) {
  const [group, setGroup] = useState(String(groups[0]?.id ?? ''));
  const [words, setWords] = useState(() => wordsOf(limits));
  const [flags, setFlags] = useState(() => flagsOf(limits));
  const save = useChange(
    (changes: GroupLimitsChanges) =>
      limits ? changeGroupLimits(limits.id, changes) : addGroupLimits(Number(group), changes),
    'Limits saved.',
  );
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate(changesOf(words, flags), { onSuccess: onClose });
  };
  const name = limits === null ? 'a group' : limits.group_name === null ? 'everybody else' : visibleText(limits.group_name);
  return (
    <Dialog title={`Limits of ${name}`} onClose={onClose}>
      <form className={styles['form']} onSubmit={submit}>
        {limits === null ? (
          <SelectField
            label="Group"
            value={group}
            options={groups.map((one) => ({ value: String(one.id), label: visibleText(one.name) }))}
            onChange={setGroup}
          />
        ) : null}
        {NUMBERS.map(({ name: field, label, hint, step, min }) => (
          <TextField
            key={field}
            label={label}
            hint={hint}
            type="number"
            min={min}
            step={step}
            value={words[field]}
            onChange={(event) => setWords({ ...words, [field]: event.target.value })}
          />
        ))}
        {LISTS.map(({ name: field, label, hint }) => (
          <TextField
            key={field}
            label={label}
            hint={hint}
            autoComplete="off"
            value={words[field]}
            onChange={(event) => setWords({ ...words, [field]: event.target.value })}
          />
        ))}
        <TextField
          label="Number"
          hint="The lowest counts for who is in several groups."
          type="number"
          min={0}
          required
          value={words.priority}
          onChange={(event) => setWords({ ...words, priority: event.target.value })}
        />
        <fieldset className={styles['switches']}>
          <legend>Allowed</legend>
          {SWITCHES.map(({ name: field, label }) => (
            <label key={field} className={styles['switch']}>
              <input
                type="checkbox"
                checked={flags[field]}
                onChange={(event) => setFlags({ ...flags, [field]: event.target.checked })}
              />
              {label}
            </label>
          ))}
        </fieldset>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={save.isPending}>
            Save limits
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
