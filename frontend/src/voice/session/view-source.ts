/** Hands React one picture per animation frame, and says when there is a new one. */
export class ViewSource<View> {
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

  /** Something changed; subscribers hear of it with the next frame. */
  changed(): void {
    if (this.frameDue) return;
    this.frameDue = true;
    this.nextFrame(() => {
      this.frameDue = false;
      this.view = null;
      for (const subscriber of this.subscribers) subscriber();
    });
  }
}
