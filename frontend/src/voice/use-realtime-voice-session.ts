import { useCallback, useEffect, useRef } from 'react';

import type { LiveItem } from '../api/live.ts';
import type { WireEvent } from './audio/messages.ts';
import { copyFor, type VoiceFault } from './session/faults.ts';
import type { TranscriptUpdate } from './session/live-transcript.ts';
import type { SessionConfig } from './session/session-config.ts';
import type { VoiceState } from './session/voice-machine.ts';
import { useVoiceCall } from './use-voice-call.ts';

export interface RealtimeVoiceOptions {
  /** Absent: the server makes a conversation. */
  conversation_id?: string | null;
  onTranscript?(update: TranscriptUpdate): void;
  /** The assistant's audio as it arrives: PCM16 little endian, 24 kHz mono. */
  onAudioChunk?(pcm16: ArrayBuffer): void;
  onError?(error: VoiceError): void;
  onConnectionChange?(isConnected: boolean): void;
  /** Connect when mounted. Browsers hold sound back until the person has touched the page. */
  autoConnect?: boolean;
}

/** A fault with the words a person reads as its message. */
export interface VoiceError extends VoiceFault {
  message: string;
}

export interface RealtimeVoiceSession {
  status: VoiceState;
  error: VoiceError | null;
  transcript: readonly LiveItem[];
  /** The user is speaking. */
  isSpeaking: boolean;
  /** What the session was opened with, its secret redacted. */
  sessionConfig: SessionConfig | null;
  /** Call from a click. Resolves when connecting has begun. */
  connect(): Promise<void>;
  disconnect(): void;
  sendMessage(text: string): void;
  /** Send any client event of the Realtime protocol. */
  sendEvent(event: WireEvent): void;
  /** Without an argument: the other way round. */
  mute(muted?: boolean): void;
  isConnected: boolean;
  isConnecting: boolean;
  canSend: boolean;
}

const asError = (fault: VoiceFault): VoiceError => ({ ...fault, message: copyFor(fault).title });

/** A realtime voice session with microphone and speaker; ends with the component. */
export function useRealtimeVoiceSession(options: RealtimeVoiceOptions): RealtimeVoiceSession {
  const { conversation_id = null, onTranscript, onAudioChunk, onError, onConnectionChange, autoConnect } = options;
  const [call, view] = useVoiceCall(conversation_id, {
    ...(onTranscript && { transcript: onTranscript }),
    ...(onAudioChunk && { audioChunk: onAudioChunk }),
    ...(onError && { fault: (fault) => onError(asError(fault)) }),
    ...(onConnectionChange && { connection: onConnectionChange }),
  });

  const startsAlone = useRef(autoConnect === true);
  useEffect(() => {
    if (startsAlone.current) void call.start();
  }, [call]);

  return {
    status: view.state,
    error: view.fault && asError(view.fault),
    transcript: view.items,
    isSpeaking: view.userSpeaking,
    sessionConfig: view.sessionConfig,
    connect: useCallback(() => call.start(), [call]),
    disconnect: useCallback(() => call.end(), [call]),
    sendMessage: useCallback((text: string) => call.sendMessage(text), [call]),
    sendEvent: useCallback((event: WireEvent) => call.sendEvent(event), [call]),
    mute: useCallback((muted?: boolean) => call.setMuted(muted ?? !call.getView().muted), [call]),
    isConnected: view.connected,
    isConnecting: view.connecting,
    canSend: view.connected,
  };
}
