/** Which columns a reviewer wants to see, kept in the browser under `storageKey`. */
export function readColumns<Name extends string>(
  storageKey: string,
  all: readonly Name[],
  usual: readonly Name[],
): readonly Name[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(storageKey) ?? 'null');
    if (Array.isArray(stored)) {
      const known = all.filter((name) => stored.includes(name));
      if (known.length > 0) return known;
    }
  } catch {
    // A value of somebody else's making, or no storage: the usual ones.
  }
  return usual;
}

export function keepColumns(storageKey: string, names: readonly string[]): void {
  try {
    localStorage.setItem(storageKey, JSON.stringify(names));
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}
