/** Carries out the machine: one event after another, one place where the model changes. */
import {
  effectOf,
  IDLE,
  step,
  timersOf,
  type Timer,
  type VoiceEffect,
  type VoiceEvent,
  type VoiceModel,
} from './voice-machine.ts';

export class MachineRunner {
  model: VoiceModel = IDLE;
  private readonly perform: (effect: VoiceEffect) => void;
  private readonly changed: (model: VoiceModel) => void;
  private readonly random: () => number;
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly queue: VoiceEvent[] = [];
  private busy = false;

  constructor(
    perform: (effect: VoiceEffect) => void,
    changed: (model: VoiceModel) => void,
    random: () => number = Math.random,
  ) {
    this.perform = perform;
    this.changed = changed;
    this.random = random;
  }

  /** Effects may send events themselves; those wait until the running one is done. */
  send(event: VoiceEvent): void {
    this.queue.push(event);
    if (this.busy) return;
    this.busy = true;
    try {
      for (let next = this.queue.shift(); next; next = this.queue.shift()) this.take(next);
    } finally {
      this.busy = false;
    }
  }

  private take(event: VoiceEvent): void {
    const before = this.model;
    this.model = step(before, event, this.random());
    this.setTimers(timersOf(this.model));
    const effect = effectOf(before, this.model);
    if (effect) this.perform(effect);
    this.changed(this.model);
  }

  private setTimers(wanted: readonly Timer[]): void {
    for (const [key, handle] of this.timers) {
      if (wanted.some((timer) => timer.key === key)) continue;
      clearTimeout(handle);
      this.timers.delete(key);
    }
    for (const { key, delayMs, event } of wanted) {
      if (!this.timers.has(key)) this.timers.set(key, setTimeout(() => this.send(event), delayMs));
    }
  }
}
