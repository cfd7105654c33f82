import fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Plain } from "./console-error.mjs";

/** On the first start, adds the simulated machines as a person would: through the same operations, with the API token. */
export async function welcomeFleet(address, token, fleet) {
  const call = async (path, init) => {
    const response = await fetch(`${address}/api/v1/${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}` },
    });
    const { data, error } = await response.json();
    if (error)
      throw new Plain(`The simulated fleet could not be added: ${error.message}${error.hint ? ` ${error.hint}` : ""}`);
    return data;
  };
  const operate = (name, input) => call(`operations/${name}`, { method: "POST", body: JSON.stringify(input) });
  const nodes = await call("nodes");
  if (nodes.length > 0) return;
  await operate("talosconfig.import", { talosconfig: fs.readFileSync(fleet.talosconfig, "utf8") });
  // Two machines wait in maintenance mode for someone to take them in.
  const waiting = fleet.nodes.filter(({ cluster }) => cluster === null).map((node) => node.address);
  await findAll(waiting, call, operate);
}

const findWithinMs = 90_000;
const scanAgainMs = 20_000;

/** Scans until every address has its node: a scan only begins with its call, and a busy machine may answer too late for the first one. */
async function findAll(addresses, call, operate) {
  const endMs = Date.now() + findWithinMs;
  for (let missing = addresses; missing.length > 0;) {
    if (Date.now() > endMs)
      throw new Plain(`No machine was found at ${missing.join(", ")}, where the simulated fleet has one.`);
    for (const target of missing) await operate("machine.scan", { target });
    const againMs = Date.now() + scanAgainMs;
    do {
      await sleep(200);
      const known = new Set((await call("nodes")).map(({ address }) => address.replace(/:\d+$/, "")));
      missing = addresses.filter((address) => !known.has(address));
    } while (missing.length > 0 && Date.now() < againMs);
  }
}
