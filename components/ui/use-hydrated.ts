"use client";

import { useSyncExternalStore } from "react";

const never = () => () => {};

/**
 * False while the page is what the server drew, true from then on. What only the browser knows (its zone, its clock)
 * is shown when this is true: drawn earlier, it would differ from the server's page, and React would throw that away.
 */
export const useHydrated = (): boolean =>
  useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
