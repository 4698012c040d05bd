/** Unsent words per conversation, kept for this tab so that a reload or a detour loses nothing. */
const key = (conversationId: string | null): string => `voiceassist.draft.${conversationId ?? 'new'}`;

export function readDraft(conversationId: string | null): string {
  try {
    return sessionStorage.getItem(key(conversationId)) ?? '';
  } catch {
    return '';
  }
}

export function writeDraft(conversationId: string | null, text: string): void {
  try {
    if (text) sessionStorage.setItem(key(conversationId), text);
    else sessionStorage.removeItem(key(conversationId));
  } catch {
    // Storage may be full or switched off: the text is still in the box.
  }
}
