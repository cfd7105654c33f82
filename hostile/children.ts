import path from "node:path";
import { startNode, stop } from "../scripts/processes.mjs";
import { root } from "../scripts/root.mjs";
import type { Measured } from "./judge";
import { type Order, orderAnswer } from "./order";

export type Child = { url: string; stop: () => Promise<unknown> };

/** Starts one of the files here in a process of its own. @returns where it listens, which is the first line that it prints */
export async function startChild(file: string, args: readonly string[] = []): Promise<Child> {
  const lines: string[] = [];
  let told: (line: string) => void = () => undefined;
  const first = new Promise<string>((resolve) => (told = resolve));
  const server = startNode(
    ["--import", "tsx", "--disable-warning=DEP0123", path.join(root, "hostile", file), ...args],
    {
      output: (line) => {
        lines.push(line);
        told(line);
      },
      server: true,
    },
  );
  const gone = server.ended.then(() => {
    throw new Error(`${file} ended: ${lines.slice(-3).join(" ")}`);
  });
  gone.catch(() => undefined);
  const url = await Promise.race([first, gone]);
  return { url, stop: () => stop(server, 2_000) };
}

/** Tells the process of hostile peers what to do. @returns the port of a service. @throws what it could not do */
export async function tell(peers: Child, what: Order): Promise<number | null> {
  const response = await fetch(peers.url, { method: "POST", body: JSON.stringify(what) });
  const { port, error } = orderAnswer.parse(await response.json());
  if (error !== null) throw new Error(`the hostile peer could not begin: ${error}`);
  return port;
}

/** Measures while `work` goes on. */
export async function measure<T>(meter: Child, work: () => Promise<T>): Promise<{ measured: Measured; value: T }> {
  await fetch(`${meter.url}/begin`);
  try {
    const value = await work();
    return { value, measured: (await (await fetch(`${meter.url}/end`)).json()) as Measured };
  } catch (error) {
    await fetch(`${meter.url}/end`);
    throw error;
  }
}
