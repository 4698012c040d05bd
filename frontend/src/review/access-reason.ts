import { useSyncExternalStore } from 'react';

/** Why this reviewer looks, kept for the tab: it goes into the access log with each transcript opened. */
const STORAGE_KEY = 'voiceassist.access-reason';
const listeners = new Set<() => void>();
let kept: string | null = null;

function read(): string {
  if (kept === null) {
    try {
      kept = sessionStorage.getItem(STORAGE_KEY) ?? '';
    } catch {
      kept = '';
    }
  }
  return kept;
}

export function keepAccessReason(reason: string): void {
  kept = reason;
  try {
    sessionStorage.setItem(STORAGE_KEY, reason);
  } catch {
    // Without storage the reason lasts as long as the page.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useAccessReason = (): string => useSyncExternalStore(subscribe, read);
export const accessReason = read;
