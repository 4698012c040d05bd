/** Which kind of line the next dialling uses: the person's choice, what the server offers, what got through. */
import { CONNECTION_KEY, connectionChoice } from '../../api/connection-choice.ts';
import type { LineKind } from '../audio/messages.ts';
import type { CallPorts, LineOffer } from './call-ports.ts';

export const FELL_BACK = 'WebRTC did not get through here, so this call uses WebSocket.';

export class Route {
  private readonly ports: Pick<CallPorts, 'memory' | 'lineOffer' | 'hasWebRtc'>;
  private offer: Promise<LineOffer> | null = null;
  /** WebRTC was tried and did not get through. */
  isBlocked = false;

  constructor(ports: Pick<CallPorts, 'memory' | 'lineOffer' | 'hasWebRtc'>) {
    this.ports = ports;
  }

  /** A new call: the server may offer something else by now. */
  begin(): void {
    this.offer = null;
  }

  async kind(): Promise<LineKind> {
    const choice = connectionChoice(this.ports.memory.read(CONNECTION_KEY));
    if (this.isBlocked || choice === 'websocket' || !this.ports.hasWebRtc()) return 'websocket';
    this.offer ??= this.ports.lineOffer();
    const { webrtc, preferred } = await this.offer;
    if (!webrtc) return 'websocket';
    return choice === 'webrtc' ? 'webrtc' : preferred;
  }

  /** WebRTC did not get through: calls of this page go over WebSocket from now on. */
  fallBack(): void {
    this.isBlocked = true;
  }
}
