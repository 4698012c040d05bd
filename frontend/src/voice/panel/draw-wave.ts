/** Draws the loudness of the last few milliseconds as rounded bars, in the canvas's own text colour. */

const BARS = 27;
const BAR_SHARE = 0.5;
const REST_HEIGHT = 0.035;
const GAIN = 3.2;
/** Ears hear loudness, not power: quiet speech moves the bars visibly too. */
const CURVE = 0.75;
/** How fast a bar falls back, per frame; rising is immediate. */
const FALL = 0.82;

export interface WaveMemory {
  heights: number[];
}

/** Returns whether a bar still moves, so that the caller may stop drawing once all rest. */
export function drawWave(
  canvas: HTMLCanvasElement,
  samples: Float32Array,
  memory: WaveMemory,
  reducedMotion: boolean,
): boolean {
  const context = canvas.getContext('2d');
  if (!context) return false;
  const scale = window.devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * scale);
  const height = Math.round(canvas.clientHeight * scale);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  context.clearRect(0, 0, width, height);
  context.fillStyle = getComputedStyle(canvas).color;
  if (reducedMotion) {
    drawDisc(context, width, height, loudness(samples, 0, samples.length));
    return false;
  }
  const levels = barLevels(samples, memory);
  const step = width / BARS;
  levels.forEach((level, bar) => {
    const tall = Math.max(REST_HEIGHT, level) * height;
    const thick = Math.min(step * BAR_SHARE, tall);
    context.beginPath();
    context.roundRect(bar * step + (step - thick) / 2, (height - tall) / 2, thick, tall, thick / 2);
    context.fill();
  });
  return levels.some((level) => level > REST_HEIGHT);
}

/** Loudest in the middle: the bars mirror, so that the picture has a centre. */
function barLevels(samples: Float32Array, memory: WaveMemory): number[] {
  const half = Math.ceil(BARS / 2);
  const span = Math.floor(samples.length / half);
  const heights = Array.from({ length: BARS }, (_, bar) => {
    const distance = Math.abs(bar - (BARS - 1) / 2);
    const slice = Math.floor(distance);
    const shape = 1 - 0.75 * (distance / half) ** 2;
    const level = Math.min(1, (loudness(samples, slice * span, (slice + 1) * span) * GAIN) ** CURVE * shape);
    return Math.max(level, (memory.heights[bar] ?? 0) * FALL);
  });
  memory.heights = heights;
  return heights;
}

function loudness(samples: Float32Array, from: number, to: number): number {
  let squares = 0;
  for (let n = from; n < to; n++) squares += (samples[n] ?? 0) ** 2;
  return Math.sqrt(squares / Math.max(1, to - from));
}

/** For people who asked for less motion: a disc that stands still and a bar that tells the level. */
function drawDisc(context: CanvasRenderingContext2D, width: number, height: number, level: number): void {
  context.beginPath();
  context.arc(width / 2, height * 0.4, height * 0.28, 0, 2 * Math.PI);
  context.fill();
  const long = width * 0.5;
  const thick = Math.max(2, height * 0.05);
  context.globalAlpha = 0.25;
  context.fillRect((width - long) / 2, height * 0.86, long, thick);
  context.globalAlpha = 1;
  context.fillRect((width - long) / 2, height * 0.86, long * Math.min(1, level * GAIN), thick);
}
