import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { demoCredentials } from "../../scripts/demo-credentials.mjs";
import { freePort } from "../../scripts/processes.mjs";

const root = path.dirname(path.dirname(import.meta.dirname));
const credentials = z.object({ token: z.string() });

/** A console that runs in a process of its own. */
export type RealConsole = {
  address: string;
  /** An administrator's API token. */
  token: string;
  /** What it has printed so far. */
  lines: readonly string[];
  close: () => Promise<void>;
};

/**
 * Starts the console on `dataDir` with an account and a token of its own, as `npm start` does. Throws where it ends before it can be
 * used.
 */
export async function startRealConsole(dataDir: string, factoryUrl: string): Promise<RealConsole> {
  const env = {
    ICHOR_DATA_DIR: dataDir,
    ICHOR_FACTORY_URL: factoryUrl,
    // Peers are on loopback, where real nodes never are.
    ICHOR_NODE_NETWORKS: "127.0.0.0/8",
    ICHOR_LOG_LEVEL: "warn",
    ICHOR_URL: "",
  };
  const { token } = credentials.parse(await demoCredentials(dataDir, env));
  const port = z.number().parse(await freePort());
  const lines: string[] = [];
  const child = spawn(process.execPath, [path.join(root, "scripts/start.mjs")], {
    cwd: root,
    env: { ...process.env, ...env, HOST: "127.0.0.1", PORT: String(port) },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const ended = once(child, "close");
  const ready = new Promise<boolean>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on("line", (line) => {
        lines.push(line);
        if (line.startsWith("Ichor runs at ")) resolve(true);
      });
    void ended.then(() => resolve(false));
  });
  if (!(await ready)) throw new Error(`The console did not start.\n${lines.slice(-20).join("\n")}`);
  const close = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  return { address: `http://127.0.0.1:${port}`, token, lines, close };
}
