import { randomBytes, randomInt } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { Plain } from "./console-error.mjs";
import { freePort, startNode } from "./processes.mjs";
import { root } from "./root.mjs";
import { writeWhole } from "./whole-file.mjs";

const roles = ["viewer", "auditor", "operator", "admin"];
const password = () => randomBytes(12).toString("base64url");

/**
 * The demo's accounts and API token: made on the first start, the same ever after. `onChild` gets the process that makes them.
 *
 * @param {string} dataDir
 * @param {Record<string, string>} env
 * @param {(child: ReturnType<typeof startNode>) => unknown} onChild
 */
export async function demoCredentials(dataDir, env, onChild = () => {}) {
  const file = path.join(dataDir, "demo.json");
  if (fs.existsSync(file) && fs.existsSync(path.join(dataDir, "ichor.db")))
    return JSON.parse(fs.readFileSync(file, "utf8"));
  const passwords = Object.fromEntries(roles.map((role) => [role, password()]));
  // "react-server" is the condition under which the marker package of server code may be imported.
  const args = ["--conditions=react-server", "--import", "tsx", path.join(root, "scripts/seed-demo.ts"), file];
  const lines = [];
  const seed = startNode(args, {
    env: { ...env, ICHOR_DEMO_PASSWORDS: JSON.stringify(passwords) },
    output: (line) => lines.push(line),
    server: true,
  });
  onChild(seed);
  const { code } = await seed.ended;
  if (code !== 0) throw new Plain(lines.slice(-5).join("\n") || "The demo's accounts could not be made.");
  return JSON.parse(fs.readFileSync(file, "utf8"));
}

/**
 * Where the simulated fleet listens: chosen at random once, so that two demos on one machine do not meet, and kept, since
 * a node's address is what the console knows it by.
 */
export async function fleetPlace(dataDir) {
  const file = path.join(dataDir, "demo-fleet.json");
  if (fs.existsSync(file)) return JSON.parse(fs.readFileSync(file, "utf8"));
  const place = ["--network", `127.${randomInt(16, 250)}.${randomInt(1, 255)}`];
  for (const name of ["--factory-port", "--kubernetes-port", "--control-port"])
    place.push(name, String(await freePort()));
  writeWhole(file, JSON.stringify(place));
  return place;
}
