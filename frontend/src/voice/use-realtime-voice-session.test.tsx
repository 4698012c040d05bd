import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';

import { useRealtimeVoiceSession } from './use-realtime-voice-session.ts';

function Fields() {
  const session = useRealtimeVoiceSession({ conversation_id: 'c1' });
  const described = Object.entries(session).map(([name, value]) =>
    typeof value === 'function' ? `${name}()` : `${name}=${String(value)}`,
  );
  return <>{described.toSorted().join(' ')}</>;
}

test('before a call the hook answers exactly what it promises', () => {
  expect(renderToStaticMarkup(<Fields />).split(' ')).toEqual([
    'canSend=false',
    'connect()',
    'disconnect()',
    'error=null',
    'isConnected=false',
    'isConnecting=false',
    'isSpeaking=false',
    'mute()',
    'sendEvent()',
    'sendMessage()',
    'sessionConfig=null',
    'status=idle',
    'transcript=',
  ]);
});
