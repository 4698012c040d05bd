import { type FormEvent, useState } from 'react';

import { addModel } from '../../api/administration.ts';
import type { KnownModel } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import styles from './admin.module.css';
import { useChange } from './use-change.ts';

const KINDS = [
  { value: 'realtime', label: 'speech to speech' },
  { value: 'transcription', label: 'transcription' },
];

/** A model of this server's own provider. */
export function AddModelDialog({ onClose }: { onClose(): void }) {
  const [name, setName] = useState('');
  const [kind, setKind] = useState<KnownModel['kind']>('realtime');
  const add = useChange(() => addModel(name.trim(), kind), 'Model added.');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    add.mutate(undefined, { onSuccess: onClose });
  };
  return (
    <Dialog title="Add a model" onClose={onClose}>
      <form className={styles['form']} onSubmit={submit}>
        <TextField
          label="Name"
          hint="As the provider calls it."
          value={name}
          required
          maxLength={100}
          autoComplete="off"
          onChange={(event) => setName(event.target.value)}
        />
        <SelectField
          label="Kind"
          value={kind ?? 'realtime'}
          options={KINDS}
          onChange={(value) => setKind(value === 'transcription' ? 'transcription' : 'realtime')}
        />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={name.trim() === '' || add.isPending}>
            Add model
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
