import fs from "node:fs";
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
  for (const { cluster, address } of fleet.nodes)
    if (cluster === null) await operate("machine.scan", { target: address });
}
