import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';

import { addVoice, changeVoice, fetchKnownVoices } from '../../api/administration.ts';
import { queryKeys } from '../../api/query-keys.ts';
import type { KnownVoice } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import styles from './admin.module.css';
import { Section } from './section.tsx';
import { useChange } from './use-change.ts';

/** Which voices may be asked for. */
export function VoicesSection() {
  const voices = useQuery({ queryKey: queryKeys.knownVoices, queryFn: fetchKnownVoices });
  return (
    <Section title="Voices" about="The ticked ones may be chosen. The default one always can." query={voices}>
      {(rows) => <Voices rows={rows} />}
    </Section>
  );
}

function Voices({ rows }: { rows: readonly KnownVoice[] }) {
  const id = useId();
  const [name, setName] = useState('');
  const change = useChange(
    ({ voice, enabled }: { voice: KnownVoice; enabled: boolean }) => changeVoice(voice.id, { enabled }),
    'Saved.',
  );
  const add = useChange((wished: string) => addVoice(wished), 'Voice added.');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    add.mutate(name.trim(), { onSuccess: () => setName('') });
  };
  return (
    <>
      <div role="group" aria-label="Voices that may be chosen" className={styles['voices']}>
        {rows.map((voice) => (
          <div key={voice.id} className={styles['switch']}>
            <input
              id={`${id}-${voice.id}`}
              type="checkbox"
              checked={voice.enabled ?? false}
              disabled={voice.is_default || change.isPending}
              onChange={(event) => change.mutate({ voice, enabled: event.target.checked })}
            />
            <label htmlFor={`${id}-${voice.id}`}>
              {voice.name}
              {voice.is_default ? ' (default)' : voice.recommended ? ' (recommended)' : ''}
            </label>
          </div>
        ))}
      </div>
      <form className={styles['actions']} onSubmit={submit}>
        <TextField
          label="Another voice of the provider"
          value={name}
          required
          maxLength={60}
          autoComplete="off"
          onChange={(event) => setName(event.target.value)}
        />
        <Button type="submit" disabled={name.trim() === '' || add.isPending}>
          Add voice
        </Button>
      </form>
    </>
  );
}
