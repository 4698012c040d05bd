/**
 * A far stream at the loudspeaker. It is an `<audio>` element of the page: browsers cancel its echo and
 * phones route it like a call. Browsers may refuse to play before a tap; `play` is to be called in one.
 */
export class RemoteSound {
  private readonly element: HTMLAudioElement;
  private readonly audible: (running: boolean) => void;

  constructor(stream: MediaStream, audible: (running: boolean) => void) {
    this.audible = audible;
    this.element = document.createElement('audio');
    this.element.setAttribute('playsinline', '');
    this.element.autoplay = true;
    this.element.dataset['testid'] = 'remote-sound';
    this.element.hidden = true;
    this.element.srcObject = stream;
    document.body.append(this.element);
    this.play();
  }

  play(): void {
    this.element.play().then(
      () => this.audible(true),
      // Letting go of the stream interrupts a play that has not begun; that is no refusal.
      (error: unknown) => error instanceof Error && error.name === 'NotAllowedError' && this.audible(false),
    );
  }

  silence(quiet: boolean): void {
    this.element.muted = quiet;
  }

  close(): void {
    this.element.pause();
    this.element.srcObject = null;
    this.element.remove();
  }
}
