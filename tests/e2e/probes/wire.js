/**
 * Put before the transport worker's own code: tells the page each frame of the call's socket as it passes, with the
 * time and without its audio (of which the loudest sample is told). Audio waits for company: each message goes
 * through three processes.
 */
{
  const channel = new BroadcastChannel('voice-probe');
  const RealSocket = self.WebSocket;
  const AUDIO = ['input_audio_buffer.append', 'response.output_audio.delta'];
  const AUDIO_WAITS_MS = 100;
  const now = () => performance.timeOrigin + performance.now();
  let frames = [];

  const flush = () => {
    if (frames.length > 0) channel.postMessage(frames);
    frames = [];
  };

  const add = (frame) => {
    frames.push(frame);
    if (!AUDIO.includes(frame.event.type)) flush();
    else if (frames.length === 1) setTimeout(flush, AUDIO_WAITS_MS);
  };

  const peak = (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const samples = new Int16Array(bytes.buffer, 0, bytes.length >> 1);
    return { samples: samples.length, peak: samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0) };
  };

  const tell = (side, text) => {
    const at = now();
    const event = JSON.parse(text);
    if (event.type === 'input_audio_buffer.append') event.audio = peak(event.audio);
    if (event.type === 'response.output_audio.delta') event.delta = peak(event.delta);
    add({ at, side, event });
  };

  self.WebSocket = class WebSocket extends RealSocket {
    constructor(url, protocols) {
      super(url, protocols);
      add({ at: now(), side: 'state', event: { type: 'dialled' } });
      this.addEventListener('message', ({ data }) => tell('received', data));
      this.addEventListener('close', ({ code, reason }) => {
        add({ at: now(), side: 'state', event: { type: 'closed', code, reason } });
      });
    }

    send(text) {
      super.send(text);
      tell('sent', text);
    }
  };
}
