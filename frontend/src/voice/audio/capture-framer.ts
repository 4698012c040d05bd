/**
 * Microphone samples at the device's rate → PCM16 frames of 20 ms at 24 kHz. Pure: the worklet around it
 * only moves buffers.
 */
import { toPcm16, WIRE_RATE_HZ } from './pcm16.ts';
import { Resampler } from './resampler.ts';

export const FRAME_MS = 20;
export const FRAME_SAMPLES = (WIRE_RATE_HZ * FRAME_MS) / 1000;
/** Runs of exact zeros shorter than this are ordinary (a device starting, a gap in a file). */
const ZERO_RUN_MS = 200;

export interface MicLevel {
  /** Root mean square since the last reading, 0…1, before the mute gate: «you are muted» needs it. */
  rms: number;
  /** The device has delivered nothing but exact zeros for a while: unplugged, or muted in hardware. */
  flat: boolean;
}

export class CaptureFramer {
  /**
   * While true, silence is framed instead of the microphone. Silence and not a gap: the server's turn
   * detection needs to hear the turn end.
   */
  private muted = false;
  private readonly deviceRate: number;
  private readonly emit: (frame: Int16Array<ArrayBuffer>) => void;
  private readonly resampler: Resampler;
  private readonly zeros: Float32Array;
  private readonly converted: Float32Array;
  private frame = new Int16Array(FRAME_SAMPLES);
  private filled = 0;
  private zeroRun = 0;
  private squares = 0;
  private measured = 0;

  /** @param deviceRate Hz. @param emit takes ownership of one full frame. @param quantum samples per `push` at most. */
  constructor(deviceRate: number, emit: (frame: Int16Array<ArrayBuffer>) => void, quantum = 128) {
    this.deviceRate = deviceRate;
    this.emit = emit;
    this.resampler = new Resampler(deviceRate, WIRE_RATE_HZ);
    this.zeros = new Float32Array(quantum);
    this.converted = new Float32Array(this.resampler.capacityFor(quantum));
  }

  push(samples: Float32Array): void {
    this.measure(samples);
    const heard = this.muted ? this.zeros.subarray(0, samples.length) : samples;
    const count = this.resampler.process(heard, this.converted);
    for (let i = 0; i < count; i++) {
      this.frame[this.filled++] = toPcm16(this.converted[i] as number);
      if (this.filled === FRAME_SAMPLES) {
        const full = this.frame;
        this.frame = new Int16Array(FRAME_SAMPLES);
        this.filled = 0;
        this.emit(full);
      }
    }
  }

  /** Mute at once: what the running frame already holds is silenced too. */
  setMuted(muted: boolean): void {
    if (muted && !this.muted) {
      this.frame.fill(0, 0, this.filled);
      this.resampler.reset();
    }
    this.muted = muted;
  }

  /** Level since the previous call. */
  takeLevel(): MicLevel {
    const rms = this.measured === 0 ? 0 : Math.sqrt(this.squares / this.measured);
    this.squares = 0;
    this.measured = 0;
    return { rms, flat: this.zeroRun * 1000 >= ZERO_RUN_MS * this.deviceRate };
  }

  private measure(samples: Float32Array): void {
    let squares = 0;
    for (const sample of samples) squares += sample * sample;
    this.squares += squares;
    this.measured += samples.length;
    this.zeroRun = squares === 0 ? this.zeroRun + samples.length : 0;
  }
}
