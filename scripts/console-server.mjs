import path from "node:path";
import { startNode } from "./processes.mjs";
import { root } from "./root.mjs";

/** Most of what a fleet tells lives for one reading: with more room for the young, a collection promotes less of it. */
const youngSpace = ["--max-semi-space-size=64"];

/**
 * Starts the built console as a child process.
 *
 * @param {{ port: number, host: string, dataDir: string }} place
 * @param {Record<string, string>} env
 * @param {"inherit" | ((line: string) => void)} output
 */
export function startConsole({ port, host, dataDir }, env = {}, output = "inherit") {
  const next = path.join(root, "node_modules/next/dist/bin/next");
  return startNode([...youngSpace, next, "start", "-H", host, "-p", String(port)], {
    env: {
      NODE_ENV: "production",
      NEXT_TELEMETRY_DISABLED: "1",
      PORT: String(port),
      HOST: host,
      ICHOR_DATA_DIR: dataDir,
      ...env,
    },
    output,
    server: true,
  });
}

/** Lines that Next prints about itself; the commands say the same once, in their own words. */
export const isNextChatter = (line) =>
  /^\s*(▲ Next\.js|- (Local|Network):|✓ |⚠ "next start")/.test(line) || line.trim() === "";
