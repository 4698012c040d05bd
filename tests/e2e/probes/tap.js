/**
 * Measures the signal that reaches the audio destination, 512 samples at a time. Tells of the windows that were not
 * silent, and until when it has measured: a few times a second, for each message wakes the page.
 */
const WINDOW_SAMPLES = 512;
const WINDOWS_PER_REPORT = 8;
const LOUD_RMS = 0.001;

class Tap extends AudioWorkletProcessor {
  constructor() {
    super();
    this.sum = 0;
    this.samples = 0;
    this.startedAt = 0;
    this.windows = 0;
    this.loud = [];
  }

  process([input]) {
    if (this.samples === 0) this.startedAt = currentTime;
    const channel = input[0];
    for (let index = 0; channel && index < channel.length; index += 1) this.sum += channel[index] ** 2;
    this.samples += 128;
    if (this.samples >= WINDOW_SAMPLES) this.close();
    return true;
  }

  close() {
    const rms = Math.sqrt(this.sum / this.samples);
    const ms = (this.samples / sampleRate) * 1000;
    if (rms > LOUD_RMS) this.loud.push([this.startedAt, rms, ms]);
    this.sum = 0;
    this.samples = 0;
    this.windows += 1;
    if (this.windows % WINDOWS_PER_REPORT === 0) {
      this.port.postMessage({ until: this.startedAt, loud: this.loud });
      this.loud = [];
    }
  }
}

registerProcessor('probe-tap', Tap);
