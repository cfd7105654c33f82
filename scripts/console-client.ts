import { z } from "zod";
import { startConsole } from "./console-server.mjs";
import { waitForHealth } from "./processes.mjs";

export type Console = {
  address: string;
  token: string;
  pid: number;
  kill: () => Promise<void>;
  stop: () => Promise<void>;
};

/** Starts the built console on a data directory, and waits until it can be used. @throws when it does not start */
export async function openConsole(
  { port, dataDir, token }: { port: number; dataDir: string; token: string },
  env: Record<string, string>,
): Promise<Console> {
  const address = `http://127.0.0.1:${port}`;
  const lines: string[] = [];
  const server = startConsole({ port, host: "127.0.0.1", dataDir }, env, (line) => void lines.push(line));
  const end = async (signal: NodeJS.Signals) => {
    server.child.kill(signal);
    await server.ended;
  };
  try {
    await waitForHealth(address, server);
  } catch (error) {
    await end("SIGKILL");
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${lines.slice(-10).join("\n")}`);
  }
  return { address, token, pid: server.child.pid ?? 0, kill: () => end("SIGKILL"), stop: () => end("SIGTERM") };
}

// A refusal has no data.
const answer = z.object({ data: z.unknown().optional(), error: z.object({ message: z.string() }).optional() });

/** Calls the console's API. @throws with the console's own sentence when it refuses, and with the reason when it does not answer */
export async function ask(
  { address, token }: Pick<Console, "address" | "token">,
  path: string,
  input?: unknown,
): Promise<unknown> {
  const response = await fetch(`${address}/api/v1/${path}`, {
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(input !== undefined && { method: "POST", body: JSON.stringify(input) }),
  }).catch((error: unknown) => {
    // Its own message is "fetch failed", whatever happened.
    const { cause } = error as { cause?: unknown };
    throw new Error(`${path} was not answered: ${cause instanceof Error ? cause.message : String(error)}`, { cause });
  });
  const { data, error } = answer.parse(await response.json());
  if (error) throw new Error(`${path}: ${error.message}`);
  return data;
}
