import { describe, expect, it } from 'vitest';

import { changedDefaults } from './changed-defaults.ts';

const before = {
  enabled: true,
  provider: 'openai',
  model: 'm',
  transcription_model: 't',
  voice: 'marin',
  instructions: 'Be brief.',
  session_s: 3600,
  idle_s: 120,
  latency_target_ms: 800,
};
const shown = { ...before, session_s: '3600', idle_s: '120', latency_target_ms: '800' };

describe('changed defaults', () => {
  it('are none while nothing was touched', () => {
    expect(changedDefaults(before, shown)).toEqual({});
  });

  it('name only what differs, numbers as numbers', () => {
    expect(changedDefaults(before, { ...shown, voice: 'cedar', idle_s: '60' })).toEqual({ voice: 'cedar', idle_s: 60 });
  });

  it('leave out a number that is none', () => {
    expect(changedDefaults(before, { ...shown, idle_s: '', session_s: '1.5' })).toEqual({});
  });
});
