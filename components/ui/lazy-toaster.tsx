"use client";

import dynamic from "next/dynamic";

const Toaster = dynamic(() => import("./toaster").then((loaded) => loaded.Toaster), { ssr: false });

/** The toaster, loaded after the page: nothing is told before something was done. */
export function LazyToaster() {
  return <Toaster />;
}
