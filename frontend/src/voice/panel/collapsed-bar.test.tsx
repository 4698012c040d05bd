import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';

import type { CallView } from '../session/call-view.ts';
import type { VoiceCall } from '../session/voice-call.ts';
import { CollapsedBar } from './collapsed-bar.tsx';

const shown = (view: Partial<CallView>): string =>
  renderToStaticMarkup(
    <CollapsedBar
      call={{} as VoiceCall}
      view={{ state: 'error', connected: false, connecting: false, limit: null, fault: null, ...view } as CallView}
      onExpand={() => undefined}
    />,
  );

test('the bar says what is left of a quota while the call runs', () => {
  const limit = '4 min left today';
  expect(shown({ state: 'listening', connected: true, limit })).toContain(limit);
  expect(shown({ state: 'ended', limit })).not.toContain(limit);
});

test('the bar says why there is no call', () => {
  const fault = { kind: 'quota', code: 'quota_exhausted', sessionId: null, retryAfterS: null } as const;
  expect(shown({ fault })).toContain('Voice limit reached.');
});
