import { useEffect, useRef, useState } from 'react';

import { Button } from '../../ui/button.tsx';
import { microphonePermission } from '../audio/microphone.ts';
import { decibels, type Finding, type Findings, type Part } from './findings.ts';
import { LevelMeter } from './level-meter.tsx';
import { SoundCheck } from './sound-check.ts';
import { TestPart } from './test-part.tsx';
import styles from './voice-test.module.css';

interface PartsProps {
  findings: Findings;
  onFinding(part: Part, finding: Finding): void;
}

/** Speech is louder than this even from a quiet talker; a room is softer. */
const SPEECH_RMS = 0.01;

const BLOCKED =
  'Microphone is blocked for this site. Click the lock icon beside the address, allow it, and try again.';
const REFUSALS: Readonly<Record<string, string>> = {
  NotAllowedError: BLOCKED,
  NotFoundError: 'No microphone found. Plug one in and try again.',
  NotReadableError: 'Another app is using the microphone. Close it and try again.',
};

const refusal = (error: unknown): string => {
  const name = error instanceof Error ? error.name : 'unknown';
  return REFUSALS[name] ?? `The microphone did not open (${name}).`;
};

/** Permission, level and a recording: the microphone from the question to what would be sent. */
export function MicrophoneParts({ findings, onFinding }: PartsProps) {
  const check = useRef<SoundCheck | null>(null);
  const heard = useRef(false);
  const [rms, setRms] = useState<number | null>(null);
  const [step, setStep] = useState<'idle' | 'recording' | 'playing'>('idle');
  useEffect(
    () => () => {
      check.current?.close();
      check.current = null;
    },
    [],
  );
  useEffect(() => {
    void microphonePermission().then((state) => {
      if (check.current || state === 'prompt') return;
      onFinding(
        'permission',
        state === 'granted' ? { verdict: 'ok', sentence: 'Allowed.' } : { verdict: 'problem', sentence: BLOCKED },
      );
    });
  }, [onFinding]);

  const listen = async (): Promise<void> => {
    check.current?.close();
    const opened = new SoundCheck();
    check.current = opened;
    heard.current = false;
    try {
      const name = await opened.listen((level, flat) => {
        setRms(level);
        if (heard.current) return;
        if (level >= SPEECH_RMS) {
          heard.current = true;
          onFinding('level', { verdict: 'ok', sentence: `You are heard (${decibels(level)} dB).` });
        } else if (flat) {
          onFinding('level', {
            verdict: 'problem',
            sentence: 'The microphone sends silence. Check its own switch, or pick another in the system settings.',
          });
        }
      });
      onFinding('permission', { verdict: 'ok', sentence: `Allowed${name ? `: ${name}` : ''}.` });
    } catch (error) {
      opened.close();
      check.current = null;
      setRms(null);
      onFinding('permission', {
        verdict: 'problem',
        sentence: `${refusal(error)} (The browser says: ${await microphonePermission()}.)`,
      });
    }
  };

  const record = async (): Promise<void> => {
    const open = check.current;
    if (!open) return;
    try {
      setStep('recording');
      const samples = await open.record();
      setStep('playing');
      await open.play(samples);
      const loudness = decibels(Math.sqrt(samples.reduce((sum, s) => sum + s * s, 0) / samples.length));
      const isSilent = samples.every((sample) => sample === 0);
      onFinding(
        'recording',
        isSilent
          ? { verdict: 'problem', sentence: 'Three seconds of nothing were recorded.' }
          : { verdict: 'ok', sentence: `Three seconds recorded (${loudness} dB) and played.` },
      );
    } catch (error) {
      onFinding('recording', {
        verdict: 'problem',
        sentence: `Recording failed: ${error instanceof Error ? error.message : 'unknown'}`,
      });
    } finally {
      setStep('idle');
    }
  };

  return (
    <>
      <TestPart part="permission" about="Your browser asks once; nothing leaves this page." finding={findings.permission}>
        <div>
          <Button look="primary" onClick={() => void listen()}>
            {rms === null ? 'Start microphone' : 'Start again'}
          </Button>
        </div>
      </TestPart>
      <TestPart part="level" about="Say something: the bar moves with your voice." finding={findings.level}>
        <LevelMeter rms={rms} />
      </TestPart>
      <TestPart part="recording" about="Three seconds as the assistant would hear you, then played back." finding={findings.recording}>
        <div className={styles['row']}>
          <Button onClick={() => void record()} disabled={rms === null || step !== 'idle'}>
            Record three seconds
          </Button>
          <span className={styles['about']} role="status">
            {step === 'recording' ? 'Speak now…' : step === 'playing' ? 'Playing…' : ''}
          </span>
        </div>
      </TestPart>
    </>
  );
}
