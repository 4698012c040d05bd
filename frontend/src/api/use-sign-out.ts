import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useNavigate } from 'react-router';

import { signOut } from './auth.ts';

/** Signs out and forgets what was shown. Whoever signs in next begins at the start, not where this person was. */
export function useSignOut(): () => void {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useCallback(() => {
    void navigate('/', { replace: true });
    signOut()
      .catch(() => undefined)
      .finally(() => client.clear());
  }, [client, navigate]);
}
