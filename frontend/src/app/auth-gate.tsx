import { type ReactNode, useState } from 'react';
import { Navigate, useLocation } from 'react-router';

import { refreshAccessToken } from '../api/auth.ts';
import { Button } from '../ui/button.tsx';
import { PageWait } from './page-wait.tsx';
import styles from './page.module.css';
import { useAuthPhase } from './sign-in-state.ts';

/** Shows its children to signed-in people only; everybody else goes to the sign-in page and comes back after. */
export function AuthGate({ children }: { children: ReactNode }) {
  const phase = useAuthPhase();
  const location = useLocation();
  switch (phase) {
    case 'signed-in':
      return children;
    case 'signed-out': {
      const target = location.pathname + location.search;
      return <Navigate to={target === '/' ? '/login' : `/login?next=${encodeURIComponent(target)}`} replace />;
    }
    case 'unreachable':
      return <Unreachable />;
    case 'unknown':
      return <PageWait label="Signing in" />;
  }
}

function Unreachable() {
  const [isAsking, setIsAsking] = useState(false);
  const ask = (): void => {
    setIsAsking(true);
    refreshAccessToken()
      .catch(() => undefined)
      .finally(() => setIsAsking(false));
  };
  return (
    <main className={styles['centre']}>
      <h1>The server cannot be reached</h1>
      <p>Check your connection. Nothing that was saved is lost.</p>
      <Button look="primary" onClick={ask} disabled={isAsking}>
        Try again
      </Button>
    </main>
  );
}
