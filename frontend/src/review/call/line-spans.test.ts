import { expect, it } from 'vitest';

import { lineSpans } from './line-spans.ts';

it('shows how long a line was away that came back', () => {
  const events = [
    { type: 'provider.connected', at_ms: 50 },
    { type: 'session.created', at_ms: 100 },
    { type: 'client.lost', at_ms: 5100 },
    { type: 'provider.lost', at_ms: 5600 },
    { type: 'provider.connected', at_ms: 6100 },
    { type: 'voiceassist.session.resumed', at_ms: 8100 },
  ];
  expect(lineSpans(events)).toEqual([
    { track: 'line', kind: 'away', startMs: 5000, endMs: 8000, itemId: 'client.lost 2' },
    { track: 'line', kind: 'away', startMs: 5500, endMs: 6000, itemId: 'provider.lost 3' },
  ]);
});

it('shows no return of a line that stayed away', () => {
  expect(lineSpans([{ type: 'client.lost', at_ms: 10 }])).toEqual([]);
  expect(lineSpans([])).toEqual([]);
});
