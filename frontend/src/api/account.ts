import { answer, api } from './client.ts';
import type { Limits, Me } from './types.ts';

export const fetchMe = (): Promise<Me> => answer(api.GET('/api/me/'));

export const fetchLimits = (): Promise<Limits> => answer(api.GET('/api/limits'));

/** Ends every other sign-in of this person; this tab must sign in again. */
export const changePassword = (currentPassword: string, newPassword: string): Promise<void> =>
  answer(
    api.POST('/api/me/password/', {
      body: { current_password: currentPassword, new_password: newPassword },
    }),
  );
