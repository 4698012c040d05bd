/**
 * Streaming sample-rate conversion, exact in length and independent of how the stream is cut into chunks.
 *
 * A Kaiser-windowed sinc with 16 zero crossings on each side, evaluated at the rational phases of the two
 * rates. Output sample n stands at input position n · inputRate / outputRate: there is no group delay to
 * compensate, the filter merely needs `lookahead` more input samples before it can answer.
 */

const ZERO_CROSSINGS = 16;
/** Stop-band depth of about 90 dB; a smaller beta would let images of loud speech through. */
const KAISER_BETA = 9;
/** Share of the narrower Nyquist band that is kept; the rest is the filter's transition band. */
const PASS_BAND = 0.93;

function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  const quarter = (x * x) / 4;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

export class Resampler {
  /** Input samples needed beyond the position of an output sample. */
  readonly lookahead: number;
  private readonly inputRate: number;
  private readonly outputRate: number;
  private readonly up: number;
  private readonly down: number;
  private readonly taps: number;
  private readonly cutoff: number;
  private readonly halfWidth: number;
  private readonly rows: (Float32Array | undefined)[];
  private buffer: Float32Array;
  private filled = 0;
  private index = 0;
  private phase = 0;
  private inputTotal = 0;
  private outputTotal = 0;

  /** @param inputRate Hz, a positive integer. @param outputRate Hz, a positive integer. */
  constructor(inputRate: number, outputRate: number) {
    if (!Number.isInteger(inputRate) || !Number.isInteger(outputRate) || inputRate <= 0 || outputRate <= 0) {
      throw new RangeError(`sample rates must be positive integers, got ${inputRate} and ${outputRate}`);
    }
    this.inputRate = inputRate;
    this.outputRate = outputRate;
    const divisor = greatestCommonDivisor(inputRate, outputRate);
    this.up = outputRate / divisor;
    this.down = inputRate / divisor;
    const narrowing = Math.min(1, outputRate / inputRate);
    this.cutoff = narrowing * PASS_BAND;
    this.halfWidth = ZERO_CROSSINGS / narrowing;
    this.lookahead = Math.ceil(this.halfWidth);
    this.taps = 2 * this.lookahead;
    this.rows = Array.from({ length: this.up });
    this.buffer = new Float32Array(this.taps + 4096);
    this.reset();
  }

  /** Forget the stream; the next sample is the first of a new one. */
  reset(): void {
    this.buffer.fill(0);
    this.filled = this.lookahead - 1;
    this.index = 0;
    this.phase = 0;
    this.inputTotal = 0;
    this.outputTotal = 0;
  }

  /** Most samples that `process` can write for `inputLength` more input samples. */
  capacityFor(inputLength: number): number {
    return Math.ceil(((inputLength + this.taps) * this.up) / this.down) + 1;
  }

  /** Convert `input` and write into `output` (at least `capacityFor(input.length)` long). Returns samples written. */
  process(input: Float32Array, output: Float32Array): number {
    if (this.inputRate === this.outputRate) {
      output.set(input);
      return input.length;
    }
    this.inputTotal += input.length;
    this.append(input);
    return this.drain(output, Infinity);
  }

  /**
   * End of stream: the samples still held back. Together with what `process` returned they number exactly
   * ceil(input samples · outputRate / inputRate). Call `reset` before feeding another stream.
   */
  flush(): Float32Array {
    if (this.inputRate === this.outputRate) return new Float32Array(0);
    const wanted = Math.ceil((this.inputTotal * this.up) / this.down) - this.outputTotal;
    const output = new Float32Array(this.capacityFor(this.lookahead + 1));
    this.append(new Float32Array(this.lookahead + 1));
    return output.slice(0, this.drain(output, wanted));
  }

  private append(input: Float32Array): void {
    if (this.filled + input.length > this.buffer.length) this.makeRoom(input.length);
    this.buffer.set(input, this.filled);
    this.filled += input.length;
  }

  private makeRoom(length: number): void {
    const kept = this.buffer.subarray(this.index, this.filled);
    const needed = kept.length + length;
    const target = needed > this.buffer.length ? new Float32Array(needed * 2) : this.buffer;
    if (target === this.buffer) target.copyWithin(0, this.index, this.filled);
    else target.set(kept);
    this.buffer = target;
    this.filled = kept.length;
    this.index = 0;
  }

  private drain(output: Float32Array, limit: number): number {
    let written = 0;
    while (written < limit && this.index + this.taps <= this.filled) {
      const row = this.rows[this.phase] ?? this.buildRow(this.phase);
      let sum = 0;
      for (let tap = 0; tap < row.length; tap++) sum += (row[tap] as number) * (this.buffer[this.index + tap] as number);
      output[written++] = sum;
      this.phase += this.down;
      this.index += Math.floor(this.phase / this.up);
      this.phase %= this.up;
    }
    this.outputTotal += written;
    return written;
  }

  private buildRow(phase: number): Float32Array {
    const row = new Float32Array(this.taps);
    const fraction = phase / this.up;
    const windowScale = besselI0(KAISER_BETA);
    let sum = 0;
    for (let tap = 0; tap < this.taps; tap++) {
      const distance = tap - this.lookahead + 1 - fraction;
      const reach = distance / this.halfWidth;
      if (Math.abs(reach) >= 1) continue;
      const angle = Math.PI * this.cutoff * distance;
      const sinc = angle === 0 ? 1 : Math.sin(angle) / angle;
      row[tap] = sinc * (besselI0(KAISER_BETA * Math.sqrt(1 - reach * reach)) / windowScale);
      sum += row[tap] as number;
    }
    for (let tap = 0; tap < this.taps; tap++) row[tap] = (row[tap] as number) / sum;
    this.rows[phase] = row;
    return row;
  }
}
