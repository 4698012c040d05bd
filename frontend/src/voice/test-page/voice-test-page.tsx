import { useCallback, useEffect, useState } from 'react';

import { PageHeader } from '../../ui/page-header.tsx';
import { browserFinding } from './browser-facts.ts';
import { ConnectionParts } from './connection-parts.tsx';
import type { Finding, Findings, Part } from './findings.ts';
import { MicrophoneParts } from './microphone-parts.tsx';
import { Report } from './report.tsx';
import { SpeakerPart } from './speaker-part.tsx';
import { TestPart } from './test-part.tsx';
import styles from './voice-test.module.css';

/** `/voice-test`: is it the microphone, the speaker, the browser or the network? */
export default function VoiceTestPage() {
  const [findings, setFindings] = useState<Findings>(() => ({ browser: browserFinding() }));
  const onFinding = useCallback((part: Part, finding: Finding) => {
    setFindings((found) => ({ ...found, [part]: finding }));
  }, []);
  useEffect(() => {
    document.title = 'Voice test · VoiceAssist';
  }, []);
  return (
    <div className={styles['page']}>
      <PageHeader title="Voice test" backTo="/" backLabel="Back to conversations" />
      <main className={styles['main']}>
        <TestPart part="browser" about="What a call needs from it." finding={findings.browser} />
        <MicrophoneParts findings={findings} onFinding={onFinding} />
        <SpeakerPart findings={findings} onFinding={onFinding} />
        <ConnectionParts findings={findings} onFinding={onFinding} />
        <Report findings={findings} />
      </main>
    </div>
  );
}
