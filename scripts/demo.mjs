import "./check-node.mjs";
import path from "node:path";
import { build } from "./build.mjs";
import { main, Plain } from "./console-error.mjs";
import { isNextChatter, startConsole } from "./console-server.mjs";
import { demoCredentials, fleetPlace } from "./demo-credentials.mjs";
import { welcomeFleet } from "./demo-inventory.mjs";
import { onStopSignal, requireFreePort, startNode, stop, takeDataDir, waitForHealth } from "./processes.mjs";
import { root } from "./root.mjs";
import { readSettings } from "./settings.mjs";
import { setUp } from "./setup.mjs";
import { writeWhole } from "./whole-file.mjs";

// `--restart`: starts the console again when it is killed, as a service manager would.
const restarts = process.argv.includes("--restart");

/** Starts the simulated fleet; `facts` is what it says of itself once it answers. */
async function startFleet(dir, place) {
  let tell;
  const told = new Promise((resolve) => (tell = resolve));
  const speed = process.env.ICHOR_SIM_SPEED ? ["--speed", process.env.ICHOR_SIM_SPEED] : [];
  const args = [
    "--import",
    "tsx",
    "--disable-warning=DEP0123",
    path.join(root, "sim/main.ts"),
    "--json",
    "--dir",
    dir,
    ...place,
    ...speed,
  ];
  const fleet = startNode(args, {
    output: (line) => (line.startsWith("{") ? tell(JSON.parse(line)) : console.error(line)),
  });
  const facts = await Promise.race([told, fleet.ended.then(() => null)]);
  if (!facts) throw new Plain("The simulated fleet did not start; its last lines above say why.");
  return { ...fleet, facts };
}

function show({ address }, { users, token }, dataDir) {
  const width = Math.max(...users.map(({ name }) => name.length));
  console.log(
    [
      "",
      `Ichor's demo runs at ${address}`,
      "",
      "  Sign in as",
      ...users.map(({ name, password }) => `    ${name.padEnd(width)}   ${password}`),
      "",
      "  API token (admin) for scripts",
      `    ${token}`,
      "",
      `  Its data is in ${dataDir}. The nodes are simulated: nothing here touches real machines.`,
      "  Stop it with Ctrl-C.",
      "",
    ].join("\n"),
  );
}

await main(async () => {
  const settings = readSettings("ichor-demo");
  const { dataDir, loopback } = settings;
  await requireFreePort(settings.host, settings.port, "npm run demo");
  process.on("exit", takeDataDir(dataDir));

  const children = {};
  let stopping = false;
  const stopAll = async () => {
    stopping = true;
    await Promise.all(Object.values(children).map((child) => stop(child)));
  };
  // Until the children run, a signal simply ends this process.
  await setUp();
  build();
  onStopSignal(() => void stopAll());

  try {
    const place = await fleetPlace(dataDir);
    children.fleet = await startFleet(path.join(dataDir, "fleet"), place);
    const env = {
      ICHOR_DATA_DIR: dataDir,
      ICHOR_FACTORY_URL: children.fleet.facts.factoryUrl,
      // The simulated machines are on this machine's loopback, where real ones never are.
      ICHOR_NODE_NETWORKS: "127.0.0.0/8",
      ICHOR_GPU_TELEMETRY: process.env.ICHOR_GPU_TELEMETRY || "on",
      ICHOR_LOG_LEVEL: process.env.ICHOR_LOG_LEVEL || "warn",
    };
    const credentials = demoCredentials(dataDir, env);
    const launch = () => {
      children.console = startConsole(settings, env, (line) => isNextChatter(line) || console.error(line));
      const pids = {
        demo: process.pid,
        console: children.console.child.pid,
        fleet: children.fleet.child.pid,
        controlUrl: children.fleet.facts.controlUrl,
      };
      writeWhole(path.join(dataDir, "demo-processes.json"), JSON.stringify(pids));
    };
    launch();
    await waitForHealth(loopback, children.console);
    await welcomeFleet(loopback, credentials.token, children.fleet.facts);
    show(settings, credentials, dataDir);

    for (;;) {
      const which = await Promise.race([
        children.console.ended.then(() => "console"),
        children.fleet.ended.then(() => "fleet"),
      ]);
      if (stopping) break;
      if (which === "console" && restarts) {
        launch();
        continue;
      }
      throw new Plain(
        `The ${which === "console" ? "console" : "simulated fleet"} ended by itself; its last lines above say why.`,
      );
    }
    await stopAll();
  } catch (error) {
    const asked = stopping;
    await stopAll();
    if (!asked) throw error;
  }
});
