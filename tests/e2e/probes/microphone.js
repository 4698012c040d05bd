/**
 * A microphone that speaks when the test says so, in place of the browser's: a quiet room into which
 * `voiceSay` plays a recording. What the page gets is an audio track like any other.
 */
(() => {
  const Context = window.AudioContext;
  const ROOM_LEVEL = 0.0002;
  let mouth = null;

  navigator.mediaDevices.getUserMedia = async () => {
    const context = new Context();
    const outlet = context.createMediaStreamDestination();
    const second = context.createBuffer(1, context.sampleRate, context.sampleRate);
    const samples = second.getChannelData(0);
    for (let index = 0; index < samples.length; index += 1) samples[index] = (Math.random() * 2 - 1) * ROOM_LEVEL;
    const room = new AudioBufferSourceNode(context, { buffer: second, loop: true });
    room.connect(outlet);
    room.start();
    await context.resume();
    mouth = { context, outlet };
    return outlet.stream;
  };

  window.voiceSay = async (wav) => {
    const bytes = Uint8Array.from(atob(wav), (letter) => letter.charCodeAt(0));
    const buffer = await mouth.context.decodeAudioData(bytes.buffer);
    const source = new AudioBufferSourceNode(mouth.context, { buffer });
    source.connect(mouth.outlet);
    source.start();
    return buffer.duration * 1000;
  };
})();
