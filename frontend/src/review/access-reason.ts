import { useSyncExternalStore } from 'react';

/**
 * Why this reviewer looks: it goes into the access log with each transcript opened. Kept for one visit,
 * in this tab: until half an hour has passed without a transcript being read.
 */
const STORAGE_KEY = 'voiceassist.access-reason';
const VISIT_MS = 30 * 60_000;

interface Kept {
  reason: string;
  usedAt: number;
}

const NONE: Kept = { reason: '', usedAt: 0 };
const listeners = new Set<() => void>();
let kept: Kept | null = null;

function stored(): Kept {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? 'null');
    if (typeof value === 'object' && value !== null && 'reason' in value && 'usedAt' in value) {
      const { reason, usedAt } = value;
      if (typeof reason === 'string' && typeof usedAt === 'number') return { reason, usedAt };
    }
  } catch {
    // Without storage, or with somebody else's value in it, nothing is kept.
  }
  return NONE;
}

function keep(next: Kept): void {
  kept = next;
  try {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify(next));
  } catch {
    // Without storage the reason lasts as long as the page.
  }
}

function read(): string {
  kept ??= stored();
  return Date.now() - kept.usedAt < VISIT_MS ? kept.reason : '';
}

export function keepAccessReason(reason: string): void {
  keep({ reason: reason.trim(), usedAt: Date.now() });
  for (const listener of listeners) listener();
}

/** The reason to send with a request; sending it goes on with the visit. Empty when there is none. */
export function accessReason(): string {
  const reason = read();
  if (reason) keep({ reason, usedAt: Date.now() });
  return reason;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useAccessReason = (): string => useSyncExternalStore(subscribe, read);
