/**
 * Whether this browser may hold a refresh cookie, which no script can see. It holds no secret; it saves a
 * first visit a request that is bound to fail.
 */
const KEY = 'voiceassist.may-be-signed-in';

export function rememberSignIn(): void {
  try {
    localStorage.setItem(KEY, '1');
  } catch {
    // Storage is blocked: every load asks the server instead.
  }
}

export function forgetSignIn(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // As above.
  }
}

export function mayBeSignedIn(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return true;
  }
}
