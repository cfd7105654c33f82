"use client";

import { paths } from "@/lib/core/paths";

/** Ends the session and shows the sign-in page. */
export async function signOut(): Promise<void> {
  const { signOut: end } = await import("next-auth/react");
  // Not by next-auth's own redirect, which leads to the public address, wherever the console is looked at.
  await end({ redirect: false });
  location.assign(paths.signIn());
}
