import { useSyncExternalStore } from 'react';

import { refreshAccessToken } from '../api/auth.ts';
import { type AuthPhase, authState } from '../api/auth-state.ts';

/** Asks once, at load, whether the refresh cookie still signs this browser in. */
export function restoreSignIn(): void {
  refreshAccessToken().catch(() => undefined);
}

/** Signed in, signed out, not yet known, or the server cannot be asked. */
export const useAuthPhase = (): AuthPhase => useSyncExternalStore(authState.subscribe, authState.phase);
