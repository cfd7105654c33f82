import path from "node:path";
import { defineConfig } from "vitest/config";

const root = path.dirname(import.meta.dirname);

/** The whole product against peers; kept apart from the unit tests, since it needs the peer that Go builds. */
export default defineConfig({
  root,
  resolve: {
    alias: {
      "@": root,
      // Outside Next's bundler the marker package throws; tests run the server's code as it is.
      "server-only": path.join(root, "scripts/empty.mjs"),
    },
  },
  test: {
    include: ["conformance/**/*.conformance.ts"],
    environment: "node",
    testTimeout: 90_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
