/** Listens to what the page plays of a WebRTC call: stretches that were not silent, by the clock. */
(() => {
  const loud = [];
  let context = null;
  let heard = null;

  const listen = (element) => {
    context ??= new AudioContext();
    void context.resume();
    heard = element.srcObject;
    const analyser = new AnalyserNode(context, { fftSize: 512 });
    context.createMediaStreamSource(heard).connect(analyser);
    const samples = new Float32Array(512);
    const timer = setInterval(() => {
      if (element.srcObject !== analyser.stream) {
        clearInterval(timer);
        return;
      }
      analyser.getFloatTimeDomainData(samples);
      const rms = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
      if (rms > 0.005 && !element.muted && !element.paused) loud.push(performance.timeOrigin + performance.now());
    }, 20);
    analyser.stream = heard;
  };

  setInterval(() => {
    const element = document.querySelector('audio');
    if (element?.srcObject && element.srcObject !== heard) listen(element);
  }, 50);

  /** Milliseconds, in steps of 20, that were audible after that moment. */
  window.rtcAudibleMs = (after) => loud.filter((at) => at > after).length * 20;
})();
