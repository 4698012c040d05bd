/** Hands React one picture per animation frame, and only one that differs from the last. */
import { haveSameFields } from '../../ui/same-fields.ts';

export class ViewSource<View extends object> {
  private readonly make: () => View;
  private readonly nextFrame: (run: () => void) => void;
  private readonly subscribers = new Set<() => void>();
  private view: View | null = null;
  private frameDue = false;

  constructor(make: () => View, nextFrame: (run: () => void) => void) {
    this.make = make;
    this.nextFrame = nextFrame;
  }

  subscribe = (subscriber: () => void): (() => void) => {
    this.subscribers.add(subscriber);
    return () => this.subscribers.delete(subscriber);
  };

  get = (): View => {
    this.view ??= this.make();
    return this.view;
  };

  /** Something may have changed; subscribers hear of it with the next frame, if it shows. */
  changed(): void {
    if (this.frameDue) return;
    if (this.subscribers.size === 0) {
      this.view = null;
      return;
    }
    // A call says many times a second how far it is: a frame that nobody needs costs more than this.
    if (this.view && haveSameFields(this.view, this.make())) return;
    this.frameDue = true;
    this.nextFrame(() => {
      this.frameDue = false;
      this.view = null;
      for (const subscriber of this.subscribers) subscriber();
    });
  }
}
