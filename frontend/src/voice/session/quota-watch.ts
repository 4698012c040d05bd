/**
 * Tells a WebRTC call what a socket is sent by the server: that a quota is nearly used up. The data channel
 * comes from the voice provider, which knows nothing of quotas, so the server is asked; voice time runs as
 * the clock does, so it is known when to ask again.
 */
import type { OwnUsage } from '../../api/types.ts';
import type { TransportReport, WireEvent } from '../audio/messages.ts';

/** Four fifths, as for a socket (docs/private-events.md). */
const LOW_SHARE = 0.8;
const ASK_AGAIN_MS = 60_000;
const LEAST_PAUSE_MS = 2_000;

export class QuotaWatch {
  private readonly usage: () => Promise<OwnUsage>;
  private readonly tell: (notice: WireEvent) => void;
  private readonly told = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;

  /** @param usage what the person has used and has left. */
  constructor(usage: () => Promise<OwnUsage>, tell: (notice: WireEvent) => void) {
    this.usage = usage;
    this.tell = tell;
  }

  /** Watch from when the session begins to when its line is over. */
  follow(report: TransportReport): void {
    if (report.type === 'closed') this.stop();
    else if (report.type === 'events' && report.events.some(({ type }) => type === 'session.created')) {
      this.stopped = false;
      void this.ask();
    }
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private async ask(): Promise<void> {
    const usage = await this.usage().catch(() => null);
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(), usage ? this.judge(usage) : ASK_AGAIN_MS);
  }

  /** Answers how many ms later it is worth asking again. */
  private judge(usage: OwnUsage): number {
    const { voice_s, voice_limit_s, voice_left_s, cost_usd, cost_limit_usd, cost_left_usd } = usage;
    this.tellOnce('minutes', voice_s / voice_limit_s, { left_s: Math.round(voice_left_s) });
    if (cost_limit_usd !== null) {
      this.tellOnce('money', Number(cost_usd) / Number(cost_limit_usd), { left_usd: Number(cost_left_usd).toFixed(2) });
    }
    const untilLowMs = (LOW_SHARE * voice_limit_s - voice_s) * 1000;
    return untilLowMs > 0 ? Math.min(ASK_AGAIN_MS, untilLowMs + LEAST_PAUSE_MS) : ASK_AGAIN_MS;
  }

  private tellOnce(quota: string, share: number, left: Record<string, unknown>): void {
    if (!(share >= LOW_SHARE) || this.told.has(quota)) return;
    this.told.add(quota);
    const used_percent = Math.min(100, Math.floor(share * 100));
    this.tell({ type: 'voiceassist.quota.notice', quota, used_percent, ...left });
  }
}
