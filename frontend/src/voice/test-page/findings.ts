/** What the voice test found out, and how it is told to somebody who can help. */

export type Verdict = 'untested' | 'ok' | 'problem' | 'unavailable';

export interface Finding {
  verdict: Verdict;
  /** One sentence with the figure in it; what to do about it where there is a problem. */
  sentence: string;
}

/** The parts of the test, in the order of the page. */
export const PARTS = {
  browser: 'Browser',
  permission: 'Microphone permission',
  level: 'Microphone level',
  recording: 'Record and play',
  speaker: 'Speaker',
  websocket: 'WebSocket',
  webrtc: 'WebRTC',
  'round-trip': 'Round trip',
} as const;

export type Part = keyof typeof PARTS;
export type Findings = Partial<Record<Part, Finding>>;

const WORDS: Record<Verdict, string> = {
  untested: 'not tested',
  ok: 'OK',
  problem: 'PROBLEM',
  unavailable: 'not available',
};

export const wordFor = (verdict: Verdict): string => WORDS[verdict];

/** The copyable report: plain text, one line a part; it holds no name, no address and no secret. */
export function reportText(findings: Findings, browser: string, at: Date): string {
  const lines = Object.entries(PARTS).map(([part, name]) => {
    const finding = findings[part as Part];
    return finding ? `${name}: ${WORDS[finding.verdict]}. ${finding.sentence}` : `${name}: not tested`;
  });
  return [`VoiceAssist voice test, ${at.toISOString()}`, `Browser: ${browser}`, ...lines].join('\n');
}

/** Loudness of samples in −1…1 as dB below full scale, never under −99. */
export function decibels(rms: number): number {
  return rms > 0 ? Math.max(-99, Math.round(20 * Math.log10(rms))) : -99;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
