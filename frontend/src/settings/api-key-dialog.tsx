import { type FormEvent, useEffect, useId, useRef, useState } from 'react';

import { createApiKey } from '../api/api-keys.ts';
import { describeError } from '../api/api-error.ts';
import type { ApiKeyScope, IssuedApiKey } from '../api/types.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { SelectField, TextField } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';
import { daysOf, DEFAULT_LIFE, LIVES, SCOPES } from './api-key-words.ts';
import styles from './api-keys-section.module.css';

const NAME_MAX_CHARS = 100;

interface ApiKeyDialogProps {
  onMade(key: IssuedApiKey): void;
  onClose(): void;
}

/** Asks what a new key is for, and makes it. */
export function ApiKeyDialog({ onMade, onClose }: ApiKeyDialogProps) {
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly ApiKeyScope[]>(['mint']);
  const [life, setLife] = useState(DEFAULT_LIFE);
  const [isBusy, setIsBusy] = useState(false);
  const [nameError, setNameError] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const fieldsId = useId();
  const nameField = useRef<HTMLInputElement>(null);

  useEffect(() => nameField.current?.focus(), []);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setError(null);
    setNameError(null);
    if (name.trim() === '') {
      setNameError('Give it a name, for example that of the program.');
      nameField.current?.focus();
      return;
    }
    if (scopes.length === 0) {
      setError('Choose at least one thing it may do.');
      return;
    }
    setIsBusy(true);
    try {
      onMade(await createApiKey({ name: name.trim(), scopes: [...scopes], expires_in_days: daysOf(life) }));
    } catch (failure) {
      setError(describeError(failure));
      setIsBusy(false);
    }
  };

  return (
    <Dialog title="Create API key" onClose={onClose}>
      <form className={styles['form']} onSubmit={(event) => void submit(event)} noValidate>
        <TextField
          ref={nameField}
          label="Name"
          hint="What will use it. Only you and administrators see this."
          value={name}
          maxLength={NAME_MAX_CHARS}
          autoComplete="off"
          error={nameError}
          onChange={(event) => setName(event.target.value)}
        />
        <fieldset className={styles['scopes']}>
          <legend>It may</legend>
          {SCOPES.map(({ value, label, meaning }) => (
            <div key={value} className={styles['scope']}>
              <input
                id={`${fieldsId}-${value}`}
                aria-describedby={`${fieldsId}-${value}-meaning`}
                type="checkbox"
                checked={scopes.includes(value)}
                onChange={(event) =>
                  setScopes(event.target.checked ? [...scopes, value] : scopes.filter((one) => one !== value))
                }
              />
              <div>
                <label htmlFor={`${fieldsId}-${value}`}>{label}</label>
                <p id={`${fieldsId}-${value}-meaning`} className={styles['dim']}>
                  {meaning}
                </p>
              </div>
            </div>
          ))}
        </fieldset>
        <SelectField label="Expires" value={life} options={LIVES} onChange={setLife} />
        {error ? (
          <Notice urgency="alert" tone="danger">
            {error}
          </Notice>
        ) : null}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={isBusy}>
            Create key
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
