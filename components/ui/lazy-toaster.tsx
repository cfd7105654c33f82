"use client";

import dynamic from "next/dynamic";
import { useEffect } from "react";
import { loadToast } from "./load-toast";

const Toaster = dynamic(() => import("./toaster").then((loaded) => loaded.Toaster), { ssr: false });

/** The toaster, loaded after the page: nothing is told before something was done. */
export function LazyToaster() {
  useEffect(() => void loadToast(), []);
  return <Toaster />;
}
