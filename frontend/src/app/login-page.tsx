import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { Navigate, useSearchParams } from 'react-router';

import { describeError } from '../api/api-error.ts';
import { signIn } from '../api/auth.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { VoiceIcon } from '../ui/icons.tsx';
import { Notice } from '../ui/notice.tsx';
import styles from './page.module.css';
import { localTarget } from './local-target.ts';
import { useAuthPhase } from './sign-in-state.ts';

export function LoginPage() {
  const phase = useAuthPhase();
  const client = useQueryClient();
  const [params] = useSearchParams();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [isCapsLock, setIsCapsLock] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const usernameRef = useRef<HTMLInputElement>(null);
  const passwordRef = useRef<HTMLInputElement>(null);

  useEffect(() => {
    document.title = 'Sign in · VoiceAssist';
    usernameRef.current?.focus();
  }, []);

  if (phase === 'signed-in') return <Navigate to={localTarget(params.get('next'))} replace />;

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!username.trim() || !password) {
      setError('Enter your user name and your password.');
      (username.trim() ? passwordRef : usernameRef).current?.focus();
      return;
    }
    setIsBusy(true);
    setError(null);
    try {
      // What the person before saw must not show through.
      client.clear();
      await signIn(username.trim(), password);
    } catch (failure) {
      setError(describeError(failure));
      setPassword('');
      setIsBusy(false);
      passwordRef.current?.focus();
    }
  };

  return (
    <main className={styles['centre']}>
      <div className={styles['card']}>
        <h1 className={styles['brand']}>
          <VoiceIcon />
          Sign in to VoiceAssist
        </h1>
        {error ? (
          <Notice urgency="alert" tone="danger">
            {error}
          </Notice>
        ) : null}
        <form className={styles['form']} onSubmit={(event) => void submit(event)} noValidate>
          <TextField
            ref={usernameRef}
            label="Username"
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            value={username}
            onChange={(event) => setUsername(event.target.value)}
          />
          <TextField
            ref={passwordRef}
            label="Password"
            name="password"
            type="password"
            autoComplete="current-password"
            required
            value={password}
            hint={isCapsLock ? 'Caps Lock is on.' : undefined}
            onKeyUp={(event) => setIsCapsLock(event.getModifierState('CapsLock'))}
            onChange={(event) => setPassword(event.target.value)}
          />
          <Button type="submit" look="primary" disabled={isBusy}>
            {isBusy ? 'Signing in…' : 'Sign in'}
          </Button>
        </form>
        <p className={styles['dim']}>No account, or forgotten your password? Ask your administrator.</p>
      </div>
    </main>
  );
}
