/**
 * Runs before the page's own scripts and keeps count of what a call takes from the browser: microphone tracks,
 * audio contexts, workers, sockets; and of what leaves at the speaker, measured at the audio destination itself.
 * Times are milliseconds since the epoch, so that they compare with those of the wire probe in the worker.
 */
(() => {
  const probe = { loud: [], measuredUntil: 0, tracks: [], contexts: [], workers: 0, ended: 0, sockets: [], wire: [], deaf: 0, openedAt: 0 };
  window.voiceProbe = probe;

  const realConnect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function connect(target, ...rest) {
    const result = realConnect.call(this, target, ...rest);
    if (target instanceof AudioDestinationNode) listen(this).catch(() => (probe.deaf += 1));
    return result;
  };

  async function listen(node) {
    const context = node.context;
    await context.audioWorklet.addModule('/static/probe/tap.js');
    const tap = new AudioWorkletNode(context, 'probe-tap', { numberOfInputs: 1, numberOfOutputs: 0 });
    tap.port.onmessage = ({ data }) => {
      const output = context.getOutputTimestamp();
      const clock = (time) => performance.timeOrigin + output.performanceTime + (time - output.contextTime) * 1000;
      for (const [time, rms, ms] of data.loud) probe.loud.push([clock(time), rms, ms]);
      probe.measuredUntil = clock(data.until);
    };
    realConnect.call(node, tap);
  }

  const RealContext = window.AudioContext;
  window.AudioContext = class AudioContext extends RealContext {
    constructor(...options) {
      super(...options);
      probe.contexts.push(this);
    }
  };

  const devices = navigator.mediaDevices;
  if (devices) {
    const realGetUserMedia = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async (constraints) => {
      const stream = await realGetUserMedia(constraints);
      probe.openedAt = performance.timeOrigin + performance.now();
      probe.tracks.push(...stream.getTracks());
      return stream;
    };
  }

  const RealWorker = window.Worker;
  window.Worker = class Worker extends RealWorker {
    constructor(...options) {
      super(...options);
      probe.workers += 1;
    }

    terminate() {
      if (!this.probeEnded) probe.ended += 1;
      this.probeEnded = true;
      super.terminate();
    }
  };

  const RealSocket = window.WebSocket;
  window.WebSocket = class WebSocket extends RealSocket {
    constructor(...options) {
      super(...options);
      probe.sockets.push(this);
    }
  };

  new BroadcastChannel('voice-probe').onmessage = ({ data }) => probe.wire.push(...data);

  // Chosen here, because a call has thousands of frames and a test asks many times a second.
  probe.frames = ({ types, side, after }) =>
    probe.wire.filter(
      (frame) =>
        frame.at > after &&
        (side === null || frame.side === side) &&
        (types.length === 0 || types.includes(frame.event.type)),
    );

  probe.audible = (after) => {
    let total = 0;
    for (let index = probe.loud.length - 1; index >= 0 && probe.loud[index][0] > after; index -= 1) {
      total += probe.loud[index][2];
    }
    return total;
  };

  probe.held = () => ({
    tracks: probe.tracks.filter((track) => track.readyState === 'live').length,
    contexts: probe.contexts.filter((context) => context.state !== 'closed').length,
    workers: probe.workers - probe.ended,
    callSockets: probe.sockets.filter((socket) => socket.readyState < 2 && !socket.url.includes('/ws/feed')).length,
  });
})();
