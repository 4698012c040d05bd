import { useState } from 'react';

import { Button } from '../../ui/button.tsx';
import type { Finding, Findings, Part } from './findings.ts';
import { SoundCheck } from './sound-check.ts';
import { TestPart } from './test-part.tsx';
import styles from './voice-test.module.css';

interface SpeakerPartProps {
  findings: Findings;
  onFinding(part: Part, finding: Finding): void;
}

/** A tone, and the one question only a person can answer. */
export function SpeakerPart({ findings, onFinding }: SpeakerPartProps) {
  const [step, setStep] = useState<'idle' | 'playing' | 'asking'>('idle');
  const play = async (): Promise<void> => {
    const sound = new SoundCheck();
    setStep('playing');
    try {
      await sound.tone();
      setStep('asking');
    } catch (error) {
      setStep('idle');
      onFinding('speaker', {
        verdict: 'problem',
        sentence: `The sound system did not start (${error instanceof Error ? error.name : 'unknown'}).`,
      });
    } finally {
      sound.close();
    }
  };
  const say = (isHeard: boolean): void => {
    setStep('idle');
    onFinding(
      'speaker',
      isHeard
        ? { verdict: 'ok', sentence: 'The tone was heard.' }
        : {
            verdict: 'problem',
            sentence: 'The tone was not heard. Check the volume, and which speaker the system uses.',
          },
    );
  };
  return (
    <TestPart part="speaker" about="One second of a soft tone." finding={findings.speaker}>
      <div className={styles['row']}>
        <Button onClick={() => void play()} disabled={step === 'playing'}>
          Play a tone
        </Button>
        {step === 'asking' ? (
          <>
            <span role="status">Did you hear it?</span>
            <Button onClick={() => say(true)}>Yes, I heard it</Button>
            <Button onClick={() => say(false)}>No</Button>
          </>
        ) : null}
      </div>
    </TestPart>
  );
}
