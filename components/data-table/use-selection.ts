"use client";

import { useCallback, useState } from "react";

export type Selection = {
  ids: ReadonlySet<string>;
  toggle: (id: string, range: boolean) => void;
  setAll: (ids: readonly string[]) => void;
  clear: () => void;
};

/** Ticked rows by id; with shift, all between the last tick and this one in the order shown. */
export function useSelection(shownIds: readonly string[]): Selection {
  const [{ ids }, set] = useState<{ ids: ReadonlySet<string>; last: string | null }>({
    ids: new Set(),
    last: null,
  });
  const toggle = useCallback(
    (id: string, range: boolean) =>
      set((before) => {
        const next = new Set(before.ids);
        const on = !next.has(id);
        const from = range && before.last !== null ? shownIds.indexOf(before.last) : -1;
        const to = shownIds.indexOf(id);
        const touched = from < 0 ? [id] : shownIds.slice(Math.min(from, to), Math.max(from, to) + 1);
        for (const each of touched) {
          if (on) next.add(each);
          else next.delete(each);
        }
        return { ids: next, last: id };
      }),
    [shownIds],
  );
  const setAll = useCallback((all: readonly string[]) => set({ ids: new Set(all), last: null }), []);
  const clear = useCallback(() => set({ ids: new Set(), last: null }), []);
  return { ids, toggle, setAll, clear };
}
