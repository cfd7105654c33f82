import { readFileSync } from "node:fs";
import { parseTalosconfig } from "@/lib/talos/talosconfig";
import { connectWith, follow, readFirst, readOnce } from "./bare-calls";

// The measure for the product: grpc-js and the generated messages alone, making the calls that the product makes for an
// import and the first snapshot. Prints one line of JSON.

const [, , file = "", limit = "all"] = process.argv;
/** As many first looks at a time as the product makes. */
const atOnce = 48;

async function inTurn<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
}

const residentBytes = () => process.memoryUsage.rss();
const elapsed = (sinceMs: number) => performance.now() - sinceMs;

async function main(): Promise<void> {
  const context = parseTalosconfig(readFileSync(file, "utf8")).contexts[0];
  if (!context) throw new Error(`${file} has no context.`);
  const all = [...new Set([...context.endpoints, ...context.nodes])].map((host) => `${host}:50000`);
  const endpoints = limit === "all" ? all : all.slice(0, Number(limit));
  const connect = connectWith(context.credentials);
  const emptyBytes = residentBytes();

  const importStartMs = performance.now();
  await inTurn(endpoints, async (endpoint) => {
    const client = connect(endpoint);
    await readOnce(client);
    client.close();
  });
  const importMs = elapsed(importStartMs);

  const firstStartMs = performance.now();
  const following: Promise<void>[] = [];
  const clients: ReturnType<typeof connect>[] = [];
  await inTurn(endpoints, async (endpoint) => {
    const client = connect(endpoint);
    clients.push(client);
    await readFirst(client);
    // The fleet's control planes come first in its talosconfig.
    following.push(follow(client, endpoints.indexOf(endpoint) < 3));
  });
  const firstMs = elapsed(firstStartMs);
  await Promise.all(following);
  const settledMs = elapsed(firstStartMs);
  const bytesPerNode = (residentBytes() - emptyBytes) / endpoints.length;
  console.log(JSON.stringify({ nodes: endpoints.length, importMs, firstMs, settledMs, bytesPerNode }));
  for (const client of clients) client.close();
  process.exit(0);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
