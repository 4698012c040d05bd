import type { ApiKey, ApiKeyScope } from '../api/types.ts';
import { dateTime, shortMoment } from '../ui/format.ts';

/** What a scope is called, and what it lets a program do. */
export const SCOPES: ReadonlyArray<{ value: ApiKeyScope; label: string; meaning: string }> = [
  { value: 'mint', label: 'Voice sessions', meaning: 'Talk as you through an OpenAI SDK or your own code.' },
  {
    value: 'headless',
    label: 'Sessions without a browser',
    meaning: 'Run sessions that live on this server, for scripts and telephone bridges.',
  },
  { value: 'history', label: 'Read history', meaning: 'Read your conversations; never change or delete them.' },
];

/** How long a key may live, in days; `never` until it is revoked. */
export const LIVES: ReadonlyArray<{ value: string; label: string }> = [
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
  { value: 'never', label: 'Until I revoke it' },
];

export const DEFAULT_LIFE = '90';

export const daysOf = (life: string): number | null => (life === 'never' ? null : Number(life));

export const scopeLabels = (scopes: readonly ApiKeyScope[]): string =>
  SCOPES.filter(({ value }) => scopes.includes(value))
    .map(({ label }) => label)
    .join(', ');

export const isExpired = (key: Pick<ApiKey, 'expires_at'>, now: Date = new Date()): boolean =>
  key.expires_at !== null && new Date(key.expires_at) <= now;

/** When the key ends, as words. */
export function expiryWords(key: Pick<ApiKey, 'expires_at'>, now: Date = new Date()): string {
  if (key.expires_at === null) return 'never expires';
  return `${isExpired(key, now) ? 'expired' : 'expires'} ${dateTime(key.expires_at)}`;
}

export const usageWords = (key: Pick<ApiKey, 'last_used_at'>, now: Date = new Date()): string =>
  key.last_used_at === null ? 'never used' : `last used ${shortMoment(key.last_used_at, now)}`;

/** What points an official OpenAI SDK at this server. */
export const sdkSettings = (origin: string, key = 'va_…'): string =>
  `OPENAI_BASE_URL=${origin}/v1\nOPENAI_API_KEY=${key}`;
