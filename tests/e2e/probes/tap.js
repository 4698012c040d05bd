/** Measures the signal that reaches the audio destination, 512 samples at a time. */
const WINDOW_SAMPLES = 512;

class Tap extends AudioWorkletProcessor {
  constructor() {
    super();
    this.sum = 0;
    this.samples = 0;
    this.startedAt = 0;
  }

  process([input]) {
    if (this.samples === 0) this.startedAt = currentTime;
    const channel = input[0];
    for (let index = 0; channel && index < channel.length; index += 1) this.sum += channel[index] ** 2;
    this.samples += 128;
    if (this.samples >= WINDOW_SAMPLES) {
      const ms = (this.samples / sampleRate) * 1000;
      this.port.postMessage({ time: this.startedAt, rms: Math.sqrt(this.sum / this.samples), ms });
      this.sum = 0;
      this.samples = 0;
    }
    return true;
  }
}

registerProcessor('probe-tap', Tap);
