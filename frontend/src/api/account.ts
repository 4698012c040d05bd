import { acceptAccessToken } from './auth.ts';
import { answer, api } from './client.ts';
import type { Limits, Me, OwnUsage } from './types.ts';

export const fetchMe = (): Promise<Me> => answer(api.GET('/api/me/'));

/** What one has used, and has left. */
export const fetchOwnUsage = (): Promise<OwnUsage> => answer(api.GET('/api/me/usage/'));

export const fetchLimits = (): Promise<Limits> => answer(api.GET('/api/limits'));

/** Ends every other sign-in and call of this person; this tab is signed in anew by the answer. */
export async function changePassword(currentPassword: string, newPassword: string): Promise<void> {
  const body = await answer(
    api.POST('/api/me/password/', {
      headers: { 'X-VoiceAssist-Client': 'web' },
      body: { current_password: currentPassword, new_password: newPassword },
    }),
  );
  acceptAccessToken(body);
}
