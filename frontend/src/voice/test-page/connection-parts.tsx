import { useState } from 'react';

import { fetchVoiceStatus } from '../../api/realtime.ts';
import { Button } from '../../ui/button.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import type { Finding, Findings, Part } from './findings.ts';
import { sentenceOf } from './probe-failed.ts';
import { TestPart } from './test-part.tsx';
import styles from './voice-test.module.css';
import { probeWebRtc } from './webrtc-probe.ts';
import { probeWebSocket } from './websocket-probe.ts';

interface ConnectionPartsProps {
  findings: Findings;
  onFinding(part: Part, finding: Finding): void;
}

const SLOW_MS = 300;

/** Whether a call gets through to the voice provider, and how long the way is. */
export function ConnectionParts({ findings, onFinding }: ConnectionPartsProps) {
  const [isTesting, setIsTesting] = useState(false);
  const test = async (): Promise<void> => {
    setIsTesting(true);
    try {
      const { openMs, roundTripMs } = await probeWebSocket();
      onFinding('websocket', { verdict: 'ok', sentence: `A session opened in ${openMs} ms.` });
      onFinding('round-trip', {
        verdict: roundTripMs > SLOW_MS ? 'problem' : 'ok',
        sentence: `${roundTripMs} ms to the voice and back${roundTripMs > SLOW_MS ? ': answers will feel late. Try another network.' : '.'}`,
      });
    } catch (error) {
      onFinding('websocket', { verdict: 'problem', sentence: sentenceOf(error) });
    }
    onFinding('webrtc', await webRtcFinding());
    setIsTesting(false);
  };
  return (
    <>
      <TestPart part="websocket" about="Opens a short session in writing; it is not kept." finding={findings.websocket}>
        <div className={styles['row']}>
          <Button onClick={() => void test()} disabled={isTesting}>
            Test the connection
          </Button>
          {isTesting ? <Spinner label="Testing the connection" /> : null}
        </div>
      </TestPart>
      <TestPart part="webrtc" about="Makes a short call without your microphone; it is not kept." finding={findings.webrtc} />
      <TestPart part="round-trip" about="How long an event takes to the voice and back." finding={findings['round-trip']} />
    </>
  );
}

async function webRtcFinding(): Promise<Finding> {
  if (typeof RTCPeerConnection === 'undefined') {
    return { verdict: 'unavailable', sentence: 'This browser does not have it. Calls use WebSocket.' };
  }
  try {
    const { webrtc } = await fetchVoiceStatus();
    if (!webrtc.available) {
      return { verdict: 'unavailable', sentence: 'This server does not offer it. Calls use WebSocket.' };
    }
    return { verdict: 'ok', sentence: `A call connected in ${await probeWebRtc()} ms.` };
  } catch (error) {
    return { verdict: 'problem', sentence: sentenceOf(error) };
  }
}
