import { useSyncExternalStore } from 'react';

import { type AuthPhase, authState } from '../api/auth-state.ts';

/** Signed in, signed out, not yet known, or the server cannot be asked. */
export const useAuthPhase = (): AuthPhase => useSyncExternalStore(authState.subscribe, authState.phase);
