const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const DATE_TIME = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

const valid = (iso: string | null): Date | null => {
  const date = iso === null ? null : new Date(iso);
  return date && !Number.isNaN(date.getTime()) ? date : null;
};

/** `14:02`; empty for no time. */
export const clockTime = (iso: string | null): string => {
  const date = valid(iso);
  return date ? TIME.format(date) : '';
};

export const dateTime = (iso: string | null): string => {
  const date = valid(iso);
  return date ? DATE_TIME.format(date) : '';
};

/** The time of day for today, the date for any other day. */
export function shortMoment(iso: string, now: Date = new Date()): string {
  const date = valid(iso);
  if (!date) return '';
  return date.toDateString() === now.toDateString() ? TIME.format(date) : DAY.format(date);
}

/** `1:05` or `1:02:03`. */
export function duration(totalMs: number): string {
  const total = Math.max(0, Math.round(totalMs / 1000));
  const seconds = String(total % 60).padStart(2, '0');
  const minutes = Math.floor(total / 60) % 60;
  const hours = Math.floor(total / 3600);
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`;
}

const END_REASONS: Readonly<Record<string, string>> = {
  user_hangup: 'you hung up',
  idle_timeout: 'nobody spoke',
  max_duration: 'the time limit was reached',
  budget_exhausted: 'the allowance was used up',
  admin_ended: 'ended by an administrator',
  client_lost: 'the connection was lost',
  upstream_closed: 'the provider hung up',
  upstream_expired: 'the provider’s time limit was reached',
  upstream_error: 'the provider failed',
  auth_expired: 'signed out',
  policy_blocked: 'stopped by policy',
  server_shutdown: 'the server restarted',
  server_lost: 'the server stopped',
  moved_device: 'moved to another device',
};

/** An end reason of one's own session as words; an unknown one stays readable. */
export const endReason = (reason: string): string => END_REASONS[reason] ?? reason.replaceAll('_', ' ');

/** The same about somebody else's session. */
export const theirEndReason = (reason: string): string =>
  reason === 'user_hangup' ? 'the user hung up' : endReason(reason);

/** `1 turn`, `2 turns`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

export const END_REASON_CODES: readonly string[] = Object.keys(END_REASONS);
