import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';

import { changeAdminVoice, fetchAdminVoice, fetchKnownModels, fetchKnownVoices } from '../../api/administration.ts';
import { queryKeys } from '../../api/query-keys.ts';
import type { AdminVoice, KnownModel, VoiceChanges } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import styles from './admin.module.css';
import { changedDefaults, type VoiceDefaults } from './changed-defaults.ts';
import { Section } from './section.tsx';
import { useChange } from './use-change.ts';

/** What a session starts with that asks for nothing else. */
export function VoiceDefaultsSection() {
  const voice = useQuery({ queryKey: queryKeys.adminVoice, queryFn: fetchAdminVoice });
  return (
    <Section title="What a session starts with" query={voice}>
      {(data) => <Defaults key={JSON.stringify(data.in_effect)} data={data} />}
    </Section>
  );
}

const namesOf = (
  models: readonly KnownModel[] | undefined,
  kind: KnownModel['kind'],
  current: string,
): Array<{ value: string; label: string }> => {
  const rows = (models ?? []).filter(
    (one) => one.kind === kind && one.name !== 'embedded' && (!one.is_retired || one.name === current),
  );
  const options = rows.map((one) => ({
    value: one.name,
    label: one.retires_on ? `${one.name} (until ${one.retires_on})` : one.name,
  }));
  return options.some((one) => one.value === current) ? options : [{ value: current, label: current }, ...options];
};

function Defaults({ data }: { data: AdminVoice }) {
  const models = useQuery({ queryKey: queryKeys.knownModels, queryFn: fetchKnownModels });
  const voices = useQuery({ queryKey: queryKeys.knownVoices, queryFn: fetchKnownVoices });
  const [shown, setShown] = useState<VoiceDefaults>(() => ({
    ...data.in_effect,
    session_s: String(data.in_effect.session_s),
    idle_s: String(data.in_effect.idle_s),
    latency_target_ms: String(data.in_effect.latency_target_ms),
  }));
  const change = useChange((changes: VoiceChanges) => changeAdminVoice(changes), 'Saved. It counts from the next session on.');
  const promptId = useId();
  const set = (name: keyof VoiceDefaults, value: string): void => setShown({ ...shown, [name]: value });
  const changes = changedDefaults(data.in_effect, shown);
  const isChanged = Object.keys(changes).length > 0;

  const voiceNames = (voices.data ?? []).filter((one) => one.enabled || one.name === shown.voice).map((one) => one.name);
  const offeredVoices = voiceNames.includes(shown.voice) ? voiceNames : [shown.voice, ...voiceNames];

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isChanged) change.mutate(changes);
  };
  return (
    <form className={styles['form']} onSubmit={submit}>
      <div className={styles['grid']}>
        <SelectField
          label="Default model"
          value={shown.model}
          options={namesOf(models.data, 'realtime', shown.model)}
          onChange={(value) => set('model', value)}
        />
        <SelectField
          label="Transcription model"
          value={shown.transcription_model}
          options={namesOf(models.data, 'transcription', shown.transcription_model)}
          onChange={(value) => set('transcription_model', value)}
        />
        <SelectField
          label="Default voice"
          value={shown.voice}
          options={offeredVoices.map((name) => ({ value: name, label: name }))}
          onChange={(value) => set('voice', value)}
        />
        <TextField
          label="Longest session (seconds)"
          type="number"
          min={1}
          max={86400}
          required
          value={shown.session_s}
          onChange={(event) => set('session_s', event.target.value)}
        />
        <TextField
          label="Ends after silence of (seconds)"
          type="number"
          min={1}
          max={86400}
          required
          value={shown.idle_s}
          onChange={(event) => set('idle_s', event.target.value)}
        />
        <TextField
          label="Target for an answer (milliseconds)"
          hint="Reviewers see how long people waited against it."
          type="number"
          min={1}
          max={60000}
          required
          value={shown.latency_target_ms}
          onChange={(event) => set('latency_target_ms', event.target.value)}
        />
        <div className={styles['wide']}>
          <label htmlFor={promptId} className={styles['label']}>
            Default prompt
          </label>
          <textarea
            id={promptId}
            className={styles['prompt']}
            dir="auto"
            required
            maxLength={32000}
            value={shown.instructions}
            onChange={(event) => set('instructions', event.target.value)}
          />
        </div>
      </div>
      <div className={styles['actions']}>
        <Button type="submit" look="primary" disabled={!isChanged || change.isPending}>
          Save
        </Button>
        {data.changed.some((name) => name !== 'enabled' && name !== 'provider') ? (
          <Button
            look="quiet"
            disabled={change.isPending}
            onClick={() =>
              change.mutate({
                model: null,
                transcription_model: null,
                voice: null,
                instructions: null,
                session_s: null,
                idle_s: null,
                latency_target_ms: null,
              })
            }
          >
            Back to how the server was started
          </Button>
        ) : null}
      </div>
    </form>
  );
}
