import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';

import { addVoice, changeVoice, fetchKnownVoices } from '../../api/administration.ts';
import { queryKeys } from '../../api/query-keys.ts';
import type { KnownVoice } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import styles from './admin.module.css';
import { Section } from './section.tsx';
import { Toggle } from './toggle.tsx';
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
          <Toggle
            key={voice.id}
            label={`${voice.name}${voice.is_default ? ' (default)' : voice.recommended ? ' (recommended)' : ''}`}
            isOn={(voice.enabled ?? false) || voice.is_default}
            disabled={voice.is_default}
            onToggle={(enabled) => change.mutateAsync({ voice, enabled })}
          />
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
