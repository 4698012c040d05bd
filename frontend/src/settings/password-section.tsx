import { type FormEvent, useState } from 'react';

import { describeError } from '../api/api-error.ts';
import { changePassword } from '../api/account.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';
import styles from './settings-page.module.css';

const EMPTY = { current: '', next: '', again: '' };

export function PasswordSection({ username }: { username: string }) {
  const [fields, setFields] = useState(EMPTY);
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [isDone, setIsDone] = useState(false);
  const differs = fields.again !== '' && fields.next !== fields.again;

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsDone(false);
    if (!fields.current || !fields.next || fields.next !== fields.again) {
      setError('Enter your current password and the new one twice.');
      return;
    }
    setIsBusy(true);
    setError(null);
    try {
      await changePassword(fields.current, fields.next);
      setFields(EMPTY);
      setIsDone(true);
    } catch (failure) {
      setError(describeError(failure));
    } finally {
      setIsBusy(false);
    }
  };

  return (
    <section className={styles['section']} aria-labelledby="password">
      <h2 id="password" className={styles['heading']}>
        Password
      </h2>
      {error ? (
        <Notice urgency="alert" tone="danger">
          {error}
        </Notice>
      ) : null}
      {isDone ? (
        <Notice urgency="status">
          Your password is changed. You are signed out everywhere else, and running calls have ended.
        </Notice>
      ) : null}
      <form className={styles['form']} onSubmit={(event) => void submit(event)} noValidate>
        {/* Password managers file the new password under this name. */}
        <input type="text" name="username" autoComplete="username" value={username} readOnly hidden />
        <TextField
          label="Current password"
          type="password"
          autoComplete="current-password"
          value={fields.current}
          onChange={(event) => setFields({ ...fields, current: event.target.value })}
        />
        <TextField
          label="New password"
          type="password"
          autoComplete="new-password"
          value={fields.next}
          onChange={(event) => setFields({ ...fields, next: event.target.value })}
        />
        <TextField
          label="New password again"
          type="password"
          autoComplete="new-password"
          value={fields.again}
          error={differs ? 'The two new passwords differ.' : null}
          onChange={(event) => setFields({ ...fields, again: event.target.value })}
        />
        <div>
          <Button type="submit" disabled={isBusy}>
            Change password
          </Button>
        </div>
      </form>
    </section>
  );
}
