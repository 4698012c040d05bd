// The global scope of an AudioWorklet, which TypeScript's DOM library leaves out.

declare const sampleRate: number;
/** Seconds of the audio clock, at the block that is being made. */
declare const currentTime: number;

declare abstract class AudioWorkletProcessor {
  readonly port: MessagePort;
}

declare function registerProcessor(
  name: string,
  processor: new () => AudioWorkletProcessor & {
    process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean;
  },
): void;
