import path from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    alias: {
      "@": import.meta.dirname,
      // Outside Next's bundler the marker package throws; tests run the server's code as it is.
      "server-only": path.join(import.meta.dirname, "scripts/empty.mjs"),
    },
  },
  test: {
    include: ["*.test.ts", "{lib,sim,components,app,scripts,proto,bench,kill-matrix,hostile}/**/*.test.{ts,tsx}"],
    environment: "node",
    // The servers that tests start are on loopback, where no machine is dialled otherwise.
    env: { ICHOR_NODE_NETWORKS: "127.0.0.0/8,::1/128" },
    // Seconds on an idle machine; the rest is for a busy one.
    testTimeout: 60_000,
    hookTimeout: 90_000,
    expect: { poll: { timeout: 15_000 } },
    maxWorkers: 2,
  },
});
