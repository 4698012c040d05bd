/** The words of each state. Always text: neither colour nor picture carries a state alone. */
import type { CallView } from '../session/call-view.ts';
import { RECONNECT_ATTEMPTS } from '../session/backoff.ts';

export function stateWords(view: CallView): string {
  switch (view.state) {
    case 'idle':
      return 'Ready';
    case 'priming':
      return view.asking ? 'Allow the microphone in your browser' : 'Your browser will ask for the microphone';
    case 'connecting':
      return view.slow ? 'Still connecting (trying WebSocket)' : 'Connecting…';
    case 'pre-buffer':
      return 'Go ahead, I’m listening';
    case 'listening':
    case 'user-speaking':
      return 'Listening';
    case 'thinking':
      return view.muted ? 'Thinking… · Muted' : 'Thinking…';
    case 'speaking':
      return view.muted ? 'Speaking · Muted' : 'Speaking';
    case 'interrupted':
      return 'Stopped';
    case 'muted':
      return 'Muted';
    case 'no-mic-signal':
      return 'I can’t hear your microphone';
    case 'reconnecting':
      return `Connection lost. Reconnecting (${view.attempt}/${RECONNECT_ATTEMPTS})…`;
    case 'ended':
      return 'Call ended';
    case 'error':
      return 'No call running';
  }
}

export function connectionWord(view: CallView): string {
  if (view.connected) return view.fellBack ? 'Connected over WebSocket' : 'Connected';
  if (view.state === 'reconnecting') return 'Reconnecting';
  return view.connecting && view.state !== 'priming' ? 'Connecting' : 'Not connected';
}

export function hintWords(view: CallView): string {
  if (view.speakingWhileMuted && view.state === 'muted') return 'You’re muted — press M';
  if (view.state === 'speaking') return 'Tap or press Esc to interrupt';
  if (view.state === 'no-mic-signal') return 'It delivers only silence. Check its switch, or pick another one.';
  if (view.state === 'pre-buffer') return view.slow ? 'Still connecting; what you say is kept' : 'Connecting; what you say is kept';
  return '';
}
