import { describe, expect, it } from 'vitest';

import { ApiError } from '../../api/api-error.ts';
import { decibels, median, reportText } from './findings.ts';
import { ProbeFailed, sentenceOf } from './probe-failed.ts';

describe('the voice test report', () => {
  it('says for every part what was found or that it was not tested', () => {
    const text = reportText(
      {
        permission: { verdict: 'ok', sentence: 'Allowed.' },
        websocket: { verdict: 'problem', sentence: 'Closed with 4429.' },
      },
      'A browser 1.0',
      new Date('2026-01-02T03:04:05Z'),
    );
    expect(text.split('\n')).toEqual([
      'VoiceAssist voice test, 2026-01-02T03:04:05.000Z',
      'Browser: A browser 1.0',
      'Browser: not tested',
      'Microphone permission: OK. Allowed.',
      'Microphone level: not tested',
      'Record and play: not tested',
      'Speaker: not tested',
      'WebSocket: PROBLEM. Closed with 4429.',
      'WebRTC: not tested',
      'Round trip: not tested',
    ]);
  });

  it('says how a way failed, and hides only what is a mistake of the page', () => {
    expect(sentenceOf(new ProbeFailed('Media does not get through.'))).toBe('Media does not get through.');
    expect(sentenceOf(new ApiError(503, 'realtime_disabled', 'Voice is off.'))).toBe('Voice is off.');
    expect(sentenceOf(new TypeError('x is undefined'))).not.toContain('undefined');
  });

  it('tells loudness in decibels with a floor for silence', () => {
    expect([decibels(1), decibels(0.1), decibels(0)]).toEqual([0, -20, -99]);
  });

  it('takes the middle of the figures', () => {
    expect([median([9, 1, 5]), median([1, 2, 3, 10])]).toEqual([5, 2.5]);
    expect(median([])).toBeNaN();
  });
});
