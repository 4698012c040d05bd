import { useEffect, useState } from 'react';

interface CallTimerProps {
  /** Epoch ms; null before the call. */
  startedAt: number | null;
  endedAt: number | null;
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** Seconds as `mm:ss`. */
export const clock = (totalMs: number): string => {
  const seconds = Math.max(0, Math.floor(totalMs / 1000));
  return `${twoDigits(Math.floor(seconds / 60))}:${twoDigits(seconds % 60)}`;
};

export function CallTimer({ startedAt, endedAt }: CallTimerProps) {
  const [now, setNow] = useState(() => Date.now());
  const runs = startedAt !== null && endedAt === null;
  useEffect(() => {
    if (!runs) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [runs]);
  return <span data-testid="voice-timer">{clock(startedAt === null ? 0 : (endedAt ?? now) - startedAt)}</span>;
}
