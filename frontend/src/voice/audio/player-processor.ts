/** Wire audio from the transport worker → the loudspeaker, with the positions that interruptions need. */
import type { PlayerAnswer, PlayerCommand, PlayerReport, WirePort } from './messages.ts';
import { floatsFromPcm16 } from './pcm16.ts';
import { PlaybackQueue } from './playback-queue.ts';

const REPORTS_PER_SECOND = 20;

class PlayerProcessor extends AudioWorkletProcessor {
  private transport: MessagePort | null = null;
  private sinceReport = 0;
  private audible = false;
  /** When the first sound of the item came that is to be played next, by the audio clock; 0: none yet. */
  private since = 0;
  private readonly queue = new PlaybackQueue(sampleRate, {
    started: (item_id) => {
      this.report({ type: 'started', item_id, waited_ms: (currentTime - this.since) * 1000 });
      this.since = 0;
    },
    finished: (item_id, played_ms) => this.report({ type: 'finished', item_id, played_ms }),
    starved: (item_id) => this.report({ type: 'starved', item_id }),
  });

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<WirePort>) => {
      this.transport = data.port;
      this.transport.onmessage = (event: MessageEvent<PlayerCommand>) => this.obey(event.data);
    };
  }

  process(_inputs: Float32Array[][], [output]: Float32Array[][]): boolean {
    const left = output?.[0];
    if (!left) return true;
    const playing = this.queue.pull(left);
    for (const channel of output.slice(1)) channel.set(left);
    this.sinceReport += left.length;
    if (this.audible && !playing) {
      this.audible = false;
      this.report({ type: 'silent' });
    }
    this.audible = playing;
    if (playing && this.sinceReport * REPORTS_PER_SECOND >= sampleRate) {
      this.sinceReport = 0;
      const progress = this.queue.takeProgress();
      if (progress) this.report({ type: 'progress', ...progress });
    }
    return true;
  }

  private obey(command: PlayerCommand): void {
    if (command.type === 'audio') {
      this.since ||= currentTime;
      this.queue.add(command.item_id, command.content_index, floatsFromPcm16(new Uint8Array(command.pcm)));
    } else if (command.type === 'end') {
      this.queue.end(command.item_id);
    } else {
      this.since = 0;
      const answer: PlayerAnswer = { type: 'flushed', cuts: this.queue.flush() };
      this.transport?.postMessage(answer);
    }
  }

  private report(report: PlayerReport): void {
    this.port.postMessage(report);
  }
}

registerProcessor('voiceassist-player', PlayerProcessor);
