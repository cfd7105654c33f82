"use client";

import { parseAsArrayOf, parseAsString, useQueryState } from "nuqs";
import { useState } from "react";
import { mostInAddress } from "@/lib/core/paths";

const list = parseAsArrayOf(parseAsString).withDefault([]);

/** Chosen nodes: in the address, so that it can be shared, while they fit; more of them are held by the page. */
export function useChosen(): readonly [readonly string[], (ids: readonly string[]) => void] {
  const [inAddress, setInAddress] = useQueryState("nodes", list);
  const [many, setMany] = useState<readonly string[] | null>(null);
  const choose = (ids: readonly string[]) => {
    const fits = ids.length <= mostInAddress;
    setMany(fits ? null : ids);
    void setInAddress(fits ? [...ids] : null);
  };
  return [many ?? inAddress, choose];
}
