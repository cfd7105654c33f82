/**
 * What the server keeps on `globalThis`, so that Next's bundles share it, would pass from test file to test file in a thread that
 * stays; in a thread of its own a file finds none of it. The worker pool holds threads and no state, and may stay.
 */
for (const key of Object.getOwnPropertySymbols(globalThis))
  if (key.description?.startsWith("ichor.") && key !== Symbol.for("ichor.off-thread-pool")) delete globalThis[key];
