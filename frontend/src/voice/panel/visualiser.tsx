import { useEffect, useRef } from 'react';

import type { VoiceCall } from '../session/voice-call.ts';
import type { VoiceState } from '../session/voice-machine.ts';
import { drawWave, type WaveMemory } from './draw-wave.ts';
import styles from './visualiser.module.css';

interface VisualiserProps {
  call: VoiceCall;
  state: VoiceState;
}

const STILL: readonly VoiceState[] = ['idle', 'priming', 'ended', 'error', 'muted', 'reconnecting', 'connecting'];
const REDUCED_MOTION_MS = 250;
/** 30 pictures a second look the same for bars of sound and cost half: the next 60 Hz frame after this is the second. */
const PAUSE_MS = 20;

/** The sound itself, as bars. It moves only with real audio and costs no frame while nobody can see it. */
export default function Visualiser({ call, state }: VisualiserProps) {
  const canvasRef = useRef<HTMLCanvasElement>(null);

  useEffect(() => {
    const canvas = canvasRef.current;
    if (!canvas) return undefined;
    const reduced = window.matchMedia('(prefers-reduced-motion: reduce)');
    const samples = new Float32Array(512);
    const memory: WaveMemory = { heights: [] };
    const side = state === 'speaking' || state === 'thinking' ? 'speaker' : 'microphone';
    const still = STILL.includes(state);
    let frame = 0;
    let timer = 0;
    let visible = true;

    const draw = () => {
      if (still) samples.fill(0);
      else call.readWave(side, samples);
      const moving = drawWave(canvas, samples, memory, reduced.matches);
      if (visible && !document.hidden && (!still || moving)) next();
    };
    const next = () => {
      // Asking for a frame is what costs, even if nothing is drawn in it.
      if (reduced.matches) timer = window.setTimeout(draw, REDUCED_MOTION_MS);
      else timer = window.setTimeout(() => (frame = requestAnimationFrame(draw)), PAUSE_MS);
    };
    const stop = () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
    const restart = () => {
      stop();
      if (visible && !document.hidden) next();
    };
    const sight = new IntersectionObserver(([entry]) => {
      visible = entry?.isIntersecting ?? true;
      restart();
    });
    sight.observe(canvas);
    document.addEventListener('visibilitychange', restart);
    restart();
    return () => {
      stop();
      sight.disconnect();
      document.removeEventListener('visibilitychange', restart);
    };
  }, [call, state]);

  return <canvas ref={canvasRef} className={styles['canvas']} data-state={state} aria-hidden="true" />;
}
