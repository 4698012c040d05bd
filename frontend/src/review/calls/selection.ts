import { useMemo, useState } from 'react';

/** The rows chosen on one page of the list, by id. */
export interface Selection {
  ids: ReadonlySet<string>;
  toggle(id: string): void;
  /** All of these, or none of them where all were chosen. */
  toggleAll(ids: readonly string[]): void;
  clear(): void;
}

export const toggled = (ids: ReadonlySet<string>, id: string): ReadonlySet<string> => {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return next;
};

export const allToggled = (chosen: ReadonlySet<string>, ids: readonly string[]): ReadonlySet<string> =>
  ids.every((id) => chosen.has(id)) ? new Set() : new Set(ids);

const NONE: ReadonlySet<string> = new Set();

export function useSelection(): Selection {
  const [ids, setIds] = useState(NONE);
  return useMemo(
    () => ({
      ids,
      toggle: (id) => setIds((chosen) => toggled(chosen, id)),
      toggleAll: (all) => setIds((chosen) => allToggled(chosen, all)),
      clear: () => setIds(NONE),
    }),
    [ids],
  );
}
