/**
 * The microphone as a peer connection sends it: a copy of its track, so that muting what is sent does not
 * deafen the meter that notices somebody speaking into a muted microphone.
 */
export class OutgoingTrack {
  private source: MediaStream | null = null;
  private track: MediaStreamTrack | null = null;
  private muted = false;
  private taker: ((track: MediaStreamTrack) => void) | null = null;

  /** The microphone was opened, or changed. */
  follow(stream: MediaStream): void {
    this.source = stream;
    this.renew();
  }

  onTrack(taker: ((track: MediaStreamTrack) => void) | null): void {
    this.taker = taker;
    this.renew();
  }

  setMuted(muted: boolean): void {
    this.muted = muted;
    if (this.track) this.track.enabled = !muted;
  }

  stop(): void {
    this.source = null;
    this.track?.stop();
    this.track = null;
  }

  private renew(): void {
    const former = this.track;
    this.track = null;
    const live = this.source?.getAudioTracks()[0];
    if (live && this.taker) {
      this.track = live.clone();
      this.track.enabled = !this.muted;
      this.taker(this.track);
    }
    former?.stop();
  }
}
