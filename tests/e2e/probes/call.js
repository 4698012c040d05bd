// A page that calls a provider as the documentation of the Realtime API shows it: microphone,
// peer connection, data channel, one POST. Loaded into an empty page; `startCall` begins.
window.call = { events: [], location: null, status: null, peer: null, channel: null };

window.startCall = async (url) => {
  const peer = new RTCPeerConnection();
  const microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
  peer.addTrack(microphone.getAudioTracks()[0], microphone);
  peer.ontrack = (event) => {
    const audio = document.createElement("audio");
    audio.autoplay = true;
    audio.srcObject = event.streams[0];
    document.body.append(audio);
  };
  const channel = peer.createDataChannel("oai-events");
  channel.onmessage = (message) => window.call.events.push(JSON.parse(message.data));
  channel.onclose = () => window.call.events.push({ type: "closed" });
  channel.onopen = () => {
    const input = { transcription: { model: "gpt-realtime-whisper" } };
    const session = { type: "realtime", audio: { input } };
    channel.send(JSON.stringify({ type: "session.update", session }));
  };
  Object.assign(window.call, { peer, channel });
  // Sent at once: no candidate is known yet, the server learns the address from the first check.
  await peer.setLocalDescription();
  const response = await fetch(url, {
    method: "POST",
    body: peer.localDescription.sdp,
    headers: { Authorization: "Bearer ek_any", "Content-Type": "application/sdp" },
  });
  window.call.status = response.status;
  window.call.location = response.headers.get("Location");
  await peer.setRemoteDescription({ type: "answer", sdp: await response.text() });
};

// How much sound energy has come out of the loudspeaker so far (W3C webrtc-stats).
window.energyHeard = async () => {
  const stats = [...(await window.call.peer.getStats()).values()];
  return stats.find((each) => each.type === "inbound-rtp")?.totalAudioEnergy ?? 0;
};
