import { describe, expect, it } from 'vitest';

import { dateTime } from '../ui/format.ts';
import { daysOf, DEFAULT_LIFE, expiryWords, LIVES, scopeLabels, SCOPES, sdkSettings, usageWords } from './api-key-words.ts';

const NOW = new Date('2030-05-01T12:00:00Z');

describe('what the list says of a key', () => {
  it('tells a key that has ended from one that will', () => {
    const past = '2030-05-01T11:59:59Z';
    const future = '2030-05-01T12:00:01Z';
    expect(expiryWords({ expires_at: past }, NOW)).toBe(`expired ${dateTime(past)}`);
    expect(expiryWords({ expires_at: future }, NOW)).toBe(`expires ${dateTime(future)}`);
    expect(expiryWords({ expires_at: null }, NOW)).toBe('never expires');
  });

  it('says whether it was ever used', () => {
    expect(usageWords({ last_used_at: null }, NOW)).toBe('never used');
    expect(usageWords({ last_used_at: '2029-01-01T00:00:00Z' }, NOW)).toMatch(/^last used .*20(29|28)/);
  });

  it('names its scopes in one order', () => {
    expect(scopeLabels(['history', 'mint'])).toBe('Voice sessions, Read history');
    expect(SCOPES.map(({ value }) => value)).toEqual(['mint', 'headless', 'history']);
  });
});

describe('making one', () => {
  it('turns a choice of life into days', () => {
    expect(daysOf('30')).toBe(30);
    expect(daysOf('never')).toBeNull();
    expect(LIVES.map(({ value }) => value)).toContain(DEFAULT_LIFE);
  });

  it('shows the two lines an SDK needs', () => {
    expect(sdkSettings('http://127.0.0.1:8000', 'va_x')).toBe(
      'OPENAI_BASE_URL=http://127.0.0.1:8000/v1\nOPENAI_API_KEY=va_x',
    );
  });
});
