const NAMES: Readonly<Record<string, string>> = { websocket: 'WebSocket', webrtc: 'WebRTC', rest: 'REST' };

/** How a call came in, as people call it. */
export const transportName = (transport: string): string => NAMES[transport] ?? transport;
