/** Whether what is said in calls of this browser is kept, as chosen in the settings. */
const KEY = 'voiceassist.kept-words';

/** Without storage everything is kept, as it is where nobody chose. */
export function keepsWords(): boolean {
  try {
    return localStorage.getItem(KEY) !== 'no';
  } catch {
    return true;
  }
}

/** Holds from the next call on. */
export function chooseWhetherToKeepWords(kept: boolean): void {
  try {
    if (kept) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, 'no');
  } catch {
    // The switch falls back to «kept», which is what happens.
  }
}
