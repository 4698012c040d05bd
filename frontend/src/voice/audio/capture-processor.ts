/** Microphone → 20 ms frames of wire audio, posted straight to the transport worker. */
import { CaptureFramer } from './capture-framer.ts';
import type { CaptureControl, CaptureReport } from './messages.ts';

const REPORTS_PER_SECOND = 20;

class CaptureProcessor extends AudioWorkletProcessor {
  private transport: MessagePort | null = null;
  private sinceReport = 0;
  private readonly framer = new CaptureFramer(sampleRate, (frame) => {
    this.transport?.postMessage(frame.buffer, [frame.buffer]);
  });

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<CaptureControl>) => {
      if (data.type === 'mute') this.framer.setMuted(data.muted);
      else this.transport = data.port;
    };
  }

  process([input]: Float32Array[][]): boolean {
    const samples = input?.[0];
    if (!samples) return true;
    this.framer.push(samples);
    this.sinceReport += samples.length;
    if (this.sinceReport * REPORTS_PER_SECOND >= sampleRate) {
      this.sinceReport = 0;
      this.port.postMessage({ type: 'mic-level', ...this.framer.takeLevel() } satisfies CaptureReport);
    }
    return true;
  }
}

registerProcessor('voiceassist-capture', CaptureProcessor);
