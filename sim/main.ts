import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { errorMessage } from "@/lib/core/errors";
import { startFleet, type Fleet } from "./fleet";

const usage = `Usage: npm run sim -- [options]
  --nodes N              so many nodes instead of the demo's dozen
  --dir PATH             keep certificates and state here, and start again with them
  --network 127.A[.B]    first numbers of the nodes' addresses (127.4)
  --port N               the Talos API's port (50000)
  --speed X              how much faster than real (1)
  --factory-port N  --kubernetes-port N  --control-port N   (any free port)
  --seed TEXT            other serial numbers and loads (ichor)
  --prepare              make all certificates before being ready
  --json                 print one line of JSON when ready
`;

function options() {
  return parseArgs({
    options: {
      nodes: { type: "string" },
      dir: { type: "string" },
      network: { type: "string", default: "127.4" },
      port: { type: "string", default: "50000" },
      speed: { type: "string", default: "1" },
      "factory-port": { type: "string", default: "0" },
      "kubernetes-port": { type: "string", default: "0" },
      "control-port": { type: "string", default: "0" },
      seed: { type: "string", default: "ichor" },
      prepare: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  }).values;
}

function numberOption(name: string, text: string, { min, max }: { min: number; max: number }): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < min || value > max)
    throw new Error(`--${name} must be a number from ${min} to ${max}, but is "${text}".`);
  return value;
}

const port = (name: string, text: string) => numberOption(name, text, { min: 0, max: 65_535 });

/** Writes what a client needs next to the state, readable by its owner alone. */
async function writeTalosconfigs(fleet: Fleet, dir: string): Promise<{ admin: string; reader: string }> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const files = { admin: path.join(dir, "talosconfig"), reader: path.join(dir, "talosconfig-reader") };
  await writeFile(files.admin, fleet.talosconfig, { mode: 0o600 });
  await writeFile(files.reader, fleet.readerTalosconfig, { mode: 0o600 });
  return files;
}

async function main(): Promise<void> {
  const given = options();
  if (given.help) return void process.stdout.write(usage);
  const fleet = await startFleet({
    ...(given.nodes === undefined ? {} : { nodes: numberOption("nodes", given.nodes, { min: 1, max: 20_000 }) }),
    ...(given.dir === undefined ? {} : { dir: given.dir }),
    network: given.network,
    port: port("port", given.port),
    speed: numberOption("speed", given.speed, { min: 0.01, max: 10_000 }),
    factoryPort: port("factory-port", given["factory-port"]),
    kubernetesPort: port("kubernetes-port", given["kubernetes-port"]),
    controlPort: port("control-port", given["control-port"]),
    seed: given.seed,
    prepare: given.prepare,
  });
  const files = await writeTalosconfigs(fleet, given.dir ?? (await mkdtemp(path.join(tmpdir(), "ichor-sim-"))));
  const { factoryUrl, kubernetesUrl, controlUrl } = fleet;
  if (given.json)
    console.log(
      JSON.stringify({
        ready: true,
        talosconfig: files.admin,
        readerTalosconfig: files.reader,
        factoryUrl,
        kubernetesUrl,
        controlUrl,
        nodes: fleet.nodes,
      }),
    );
  else {
    console.log(`${fleet.nodes.length} simulated nodes are up.`);
    console.log(`  talosconfig  ${files.admin}`);
    console.log(`  reader's     ${files.reader}`);
    console.log(`  factory      ${factoryUrl}`);
    console.log(`  Kubernetes   ${kubernetesUrl}`);
    console.log(`  control      ${controlUrl}`);
    const waiting = fleet.nodes.filter((node) => node.cluster === null);
    if (waiting.length > 0)
      console.log(`  waiting      ${waiting.map((node) => node.endpoint).join(", ")} (maintenance mode)`);
    console.log("Press Ctrl-C to stop.");
  }
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    fleet.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(errorMessage(error));
        process.exit(1);
      },
    );
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}

main().catch((error: unknown) => {
  const inUse = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
  console.error(
    inUse
      ? `The simulated fleet cannot start: ${errorMessage(error)}. Is it running already? Choose another --network or --port.`
      : errorMessage(error),
  );
  process.exit(1);
});
