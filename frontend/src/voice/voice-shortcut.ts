/** Ctrl/⌘+Shift+V: start voice, or bring the focus to the running call. For the app, which is always loaded. */
export const isVoiceShortcut = (event: KeyboardEvent): boolean =>
  (event.ctrlKey || event.metaKey) && event.shiftKey && !event.altKey && event.code === 'KeyV';
