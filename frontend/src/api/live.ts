/**
 * What a running voice call shows to the rest of the page. The voice panel produces it, the thread
 * consumes it; both may import this file, neither may import the other.
 */

/** State of a live line. `interrupted` means that its audio was cut; `heardText` then holds what was heard. */
export type LiveStatus = 'in_progress' | 'completed' | 'interrupted' | 'failed';

/** One line of a running call, keyed by the protocol's item id so that it can be matched with history. */
export interface LiveItem {
  itemId: string;
  role: 'user' | 'assistant';
  /** May be empty: the user has begun to speak and nothing is recognised yet. */
  text: string;
  isFinal: boolean;
  /** What was played before an interruption; absent while nothing was cut. */
  heardText?: string;
  status: LiveStatus;
}

/** The call as the composer uses it: typed messages go through it while it is connected. */
export interface LiveSession {
  sendMessage(text: string): void;
  isConnected: boolean;
}

/** Props by which the app mounts the voice panel (`src/voice/voice-mode-panel.tsx`, default export). */
export interface VoiceModePanelProps {
  conversationId: string | null;
  onClose(): void;
  onTranscriptReceived?(text: string, isFinal: boolean): void;
  /** Called when the call connects, reconnects or ends (null). */
  onSessionChange?(session: LiveSession | null): void;
  /** Called with all lines of the current call whenever one changes, at most once per animation frame. */
  onLiveItems?(items: readonly LiveItem[]): void;
  /** The page's own text box is in view: «type» goes there. Without it the panel shows a box of its own. */
  onType?(): void;
  /** The server made a conversation for a call that was started without one. */
  onConversationCreated?(conversationId: string): void;
  /** Drawn as one 56 px bar (state word, timer, mute, end, expand); the call goes on. The app places it. */
  collapsed?: boolean;
  onCollapsedChange?(collapsed: boolean): void;
}
