/**
 * Microphone and loudspeaker by themselves, through the same capture processor a call uses: what is
 * recorded here is what the assistant would get.
 */
import type { CaptureReport, WirePort } from '../audio/messages.ts';
import { openMicrophone, stopTracks } from '../audio/microphone.ts';
import { floatsFromPcm16, WIRE_RATE_HZ, wireSamples } from '../audio/pcm16.ts';
// oxlint-disable-next-line import/default
import workletUrl from '../audio/sound.worklet.ts?worker&url';

export const RECORDING_MS = 3_000;
/** Frames come by themselves while the microphone is open; without any for this long it is dead. */
const SILENT_DEVICE_MS = 5_000;
const TONE_HZ = 440;
const TONE_S = 1;
const TONE_GAIN = 0.25;
const FADE_S = 0.03;

export class SoundCheck {
  private readonly context = new AudioContext();
  private stream: MediaStream | null = null;
  private source: MediaStreamAudioSourceNode | null = null;
  private capture: AudioWorkletNode | null = null;
  private frames: MessagePort | null = null;

  /** Open the microphone and report its loudness (RMS, 0…1) about 20 times a second. Rejects as `getUserMedia` does. */
  async listen(level: (rms: number, flat: boolean) => void): Promise<string> {
    await this.context.resume();
    this.stream = await openMicrophone(null);
    await this.context.audioWorklet.addModule(workletUrl);
    this.capture = new AudioWorkletNode(this.context, 'voiceassist-capture', {
      numberOfInputs: 1,
      numberOfOutputs: 0,
      channelCount: 1,
      channelCountMode: 'explicit',
    });
    const { port1, port2 } = new MessageChannel();
    this.capture.port.postMessage({ type: 'wire', port: port1 } satisfies WirePort, [port1]);
    this.frames = port2;
    this.capture.port.onmessage = ({ data }: MessageEvent<CaptureReport>) => level(data.rms, data.flat);
    this.source = this.context.createMediaStreamSource(this.stream);
    this.source.connect(this.capture);
    return this.stream.getAudioTracks()[0]?.label ?? '';
  }

  /** The next three seconds of the microphone, as samples at 24 kHz. Call `listen` first. */
  record(): Promise<Float32Array> {
    const wanted = wireSamples(RECORDING_MS);
    const samples = new Float32Array(wanted);
    let filled = 0;
    return new Promise((resolve, reject) => {
      const port = this.frames;
      if (!port) {
        reject(new DOMException('The microphone is not open.', 'InvalidStateError'));
        return;
      }
      const timer = setTimeout(() => {
        port.onmessage = null;
        reject(new DOMException('The microphone sends nothing.', 'TimeoutError'));
      }, RECORDING_MS + SILENT_DEVICE_MS);
      port.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
        const heard = floatsFromPcm16(new Uint8Array(data)).subarray(0, wanted - filled);
        samples.set(heard, filled);
        filled += heard.length;
        if (filled < wanted) return;
        port.onmessage = null;
        clearTimeout(timer);
        resolve(samples);
      };
    });
  }

  /** Play samples of 24 kHz; resolves when they were heard. */
  async play(samples: Float32Array): Promise<void> {
    await this.context.resume();
    const buffer = this.context.createBuffer(1, samples.length, WIRE_RATE_HZ);
    buffer.copyToChannel(new Float32Array(samples), 0);
    const node = this.context.createBufferSource();
    node.buffer = buffer;
    node.connect(this.context.destination);
    await ended(node);
  }

  /** A soft tone of one second; resolves when it is over. */
  async tone(): Promise<void> {
    await this.context.resume();
    const start = this.context.currentTime;
    const gain = this.context.createGain();
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(TONE_GAIN, start + FADE_S);
    gain.gain.setValueAtTime(TONE_GAIN, start + TONE_S - FADE_S);
    gain.gain.linearRampToValueAtTime(0, start + TONE_S);
    const oscillator = this.context.createOscillator();
    oscillator.frequency.value = TONE_HZ;
    oscillator.connect(gain).connect(this.context.destination);
    const over = ended(oscillator);
    oscillator.stop(start + TONE_S);
    await over;
  }

  /** Release the microphone and the sound system. */
  close(): void {
    if (this.stream) stopTracks(this.stream);
    this.source?.disconnect();
    if (this.capture) this.capture.port.onmessage = null;
    this.frames?.close();
    if (this.context.state !== 'closed') void this.context.close();
  }
}

/** Start it; resolves when it has come to its end. */
function ended(node: AudioScheduledSourceNode): Promise<void> {
  return new Promise((resolve) => {
    node.onended = () => {
      node.disconnect();
      resolve();
    };
    node.start();
  });
}
