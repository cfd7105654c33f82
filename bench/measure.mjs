import fs from "node:fs";
import path from "node:path";
import { startConsole } from "../scripts/console-server.mjs";
import { demoCredentials } from "../scripts/demo-credentials.mjs";
import { freePort, startNode, stop, waitForHealth } from "../scripts/processes.mjs";
import { root } from "../scripts/root.mjs";
import { eventsToDom, firstLoadBytes, openBrowser, openNodes, scrollFrames, typingDelays } from "./in-browser.mjs";
import { allComplete, readLive } from "./live-snapshot.mjs";
import { measurePlans } from "./plans.mjs";
import { liveBytes, residentBytes, tellingMemory, threadsOf } from "./server-memory.mjs";

const tsx = ["--import", "tsx", "--disable-warning=DEP0123"];
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs TypeScript and gives what the first line of JSON that it prints says. `child` runs on where it does. */
async function startTsx(file, args, what) {
  let tell;
  const lines = [];
  const told = new Promise((resolve) => (tell = resolve));
  const child = startNode([...tsx, path.join(root, file), ...args], {
    server: true,
    output: (line) => (line.startsWith("{") ? tell(JSON.parse(line)) : lines.push(line)),
  });
  const facts = await Promise.race([told, child.ended.then(() => null)]);
  if (!facts) throw new Error(`${what} did not work.\n${lines.slice(-10).join("\n")}`);
  return { ...child, facts };
}

/** The fleet's talosconfig with every node in it: so large a fleet does not announce its members. */
function talosconfigOfAll({ talosconfig, nodes }) {
  const list = (indent) => nodes.map(({ address }) => `${indent}    - ${address}\n`).join("");
  return fs
    .readFileSync(talosconfig, "utf8")
    .replace(/^(\s*)ca:/m, (line, indent) => `${indent}nodes:\n${list(indent)}${line}`);
}

async function operate(address, token, name, input) {
  const response = await fetch(`${address}/api/v1/operations/${name}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(input),
  });
  const { data, error } = await response.json();
  if (error) throw new Error(`${name}: ${error.message}`);
  return data;
}

/** The first request of each route loads its code. */
async function settle({ address, token }) {
  await fetch(`${address}/api/v1/nodes`, { headers: { authorization: `Bearer ${token}` } });
  await wait(1_000);
}

/** What a console holds that has no nodes: of another process, since one that has been collected has another start. */
async function measureEmpty({ start }) {
  const { address, token, server, memoryFile } = await start("data-empty");
  await settle({ address, token });
  const facts = {
    emptyLiveBytes: await liveBytes(server.child.pid, memoryFile),
    emptyThreads: threadsOf(server.child.pid),
  };
  await stop(server);
  return facts;
}

async function measureSnapshot({ address, token, server, talosconfig, count }) {
  await settle({ address, token });
  const emptyBytes = residentBytes(server.child.pid);
  const startMs = performance.now();
  const live = readLive({ address, token, isWhole: allComplete(count), withinMs: 300_000 });
  live.catch(() => undefined);
  await operate(address, token, "talosconfig.import", { talosconfig });
  const importMs = performance.now() - startMs;
  const { wholeAtMs } = await live;
  const tabStartMs = performance.now();
  const tab = await readLive({ address, token, isWhole: allComplete(count), withinMs: 60_000 });
  return {
    emptyBytes,
    importMs,
    wholeMs: wholeAtMs - startMs,
    tabMs: tab.syncedAtMs - tabStartMs,
    tabBytes: tab.bytes,
  };
}

async function measureInBrowser({ browserPath, address, user, token, fleet, count, samples, say }) {
  const { browser, page, storageState } = await openBrowser({ executablePath: browserPath, address, user });
  try {
    const domRows = await openNodes(page, address, count);
    say(`${samples} events, told to the simulator and awaited in the page`);
    const eventMs = await eventsToDom({ page, controlUrl: fleet.controlUrl, node: "cp-03", samples });
    say("scrolling and typing");
    const scrollMs = await scrollFrames(page);
    const keyMs = await typingDelays(page);
    await page.close();
    say("scripts of the pages");
    const first = await fetch(`${address}/api/v1/nodes`, { headers: { authorization: `Bearer ${token}` } });
    const nodeId = (await first.json()).data[0].id;
    const pages = {
      "/": "/",
      "/nodes": "/nodes",
      "/nodes/[node]": `/nodes/${nodeId}`,
      "/upgrades": "/upgrades",
      "/images": "/images",
      "/gpu-profiles": "/gpu-profiles",
      "/clusters": "/clusters",
      "/audit": "/audit",
      "/settings": "/settings",
    };
    const scriptBytes = {};
    for (const [name, url] of Object.entries(pages))
      scriptBytes[name] = await firstLoadBytes({ browser, storageState, url: `${address}${url}` });
    return { domRows, eventMs, scrollMs, keyMs, scriptBytes };
  } finally {
    await browser.close();
  }
}

/**
 * Measures all figures of one run: the simulated fleet first, the bare client, then the console on an empty data directory, with
 * one browser. Everything that it starts has ended when it resolves or rejects.
 */
export async function measure({ dir, nodes: count, samples, browserPath, signal, say }) {
  const started = [];
  const keep = (child) => (started.push(child), child);
  const interrupted = new Promise((_, reject) =>
    signal.addEventListener("abort", () => reject(new Error("The bench was interrupted."))),
  );
  const work = async () => {
    say(`starting ${count} simulated nodes`);
    const network = `127.${16 + Math.floor(Math.random() * 230)}`;
    const fleetArgs = ["--nodes", String(count), "--prepare", "--json", "--network", network];
    const fleet = keep(await startTsx("sim/main.ts", [...fleetArgs, "--dir", path.join(dir, "fleet")], "The fleet"));
    const talosconfig = talosconfigOfAll(fleet.facts);
    const file = path.join(dir, "talosconfig");
    fs.writeFileSync(file, talosconfig, { mode: 0o600 });

    say("the bare client");
    // Once on a few nodes first: the simulator's code is compiled by its first caller.
    const warmUp = await startTsx("bench/bare-client.ts", [file, "50"], "The bare client");
    await stop(warmUp);
    const bareClient = await startTsx("bench/bare-client.ts", [file], "The bare client");
    await bareClient.ended;

    say("the console, from an empty data directory to all nodes");
    const logLines = [];
    const start = async (name) => {
      const dataDir = path.join(dir, name);
      fs.mkdirSync(dataDir, { mode: 0o700 });
      const port = await freePort();
      const address = `http://127.0.0.1:${port}`;
      const env = {
        ICHOR_DATA_DIR: dataDir,
        ICHOR_FACTORY_URL: fleet.facts.factoryUrl,
        ICHOR_NODE_NETWORKS: "127.0.0.0/8",
        ICHOR_LOG_LEVEL: "error",
      };
      const { users, token } = await demoCredentials(dataDir, env, keep);
      const memoryFile = path.join(dir, `${name}-memory`);
      const telling = { ...env, ...tellingMemory(memoryFile) };
      const server = keep(startConsole({ port, host: "127.0.0.1", dataDir }, telling, (line) => logLines.push(line)));
      await waitForHealth(address, server);
      return { address, users, token, server, memoryFile };
    };
    const empty = await measureEmpty({ start });
    const { address, users, token, server, memoryFile } = await start("data");
    const snapshot = await measureSnapshot({ address, token, server, talosconfig, count }).catch((error) => {
      throw new Error(`${error.message}\nThe console's last lines:\n${logLines.slice(-10).join("\n")}`, {
        cause: error,
      });
    });
    // Watches and first counters follow the snapshot.
    await wait(Math.min(20_000, 2_000 + count * 20));
    const fullBytes = residentBytes(server.child.pid);
    const fullThreads = threadsOf(server.child.pid);
    const fullLiveBytes = await liveBytes(server.child.pid, memoryFile);
    const memory = { ...empty, fullBytes, fullThreads, fullLiveBytes };
    say("plans of all nodes");
    const plans = await measurePlans({ address, token, operate });
    const user = users.find(({ role }) => role === "admin");
    const inBrowser = await measureInBrowser({
      browserPath,
      address,
      user,
      token,
      fleet: fleet.facts,
      count,
      samples,
      say,
    });
    return { nodes: count, bare: bareClient.facts, ...snapshot, ...plans, ...memory, ...inBrowser };
  };
  try {
    return await Promise.race([work(), interrupted]);
  } finally {
    await Promise.all(started.map((child) => stop(child)));
  }
}
