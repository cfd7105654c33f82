import "./check-node.mjs";
import path from "node:path";
import { build } from "./build.mjs";
import { main, Plain } from "./console-error.mjs";
import { fateOf } from "./fate.mjs";
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

/** Of the environment, and to nothing where they are not there. */
const signInSettings = () => {
  const oidc = ["ISSUER", "CLIENT_ID", "CLIENT_SECRET", "SCOPES", "GROUPS_CLAIM", "DEFAULT_ROLE", "TOKEN_AUTH"];
  const more = ["SIGNING_ALG", "BUTTON_LABEL", "ROLE_ADMIN", "ROLE_OPERATOR", "ROLE_AUDITOR", "ROLE_VIEWER"];
  const names = [...[...oidc, ...more].map((name) => `OIDC_${name}`), "PASSWORD_SIGN_IN", "SECOND_FACTOR"];
  return Object.fromEntries(names.map((name) => [`ICHOR_${name}`, process.env[`ICHOR_${name}`] ?? ""]));
};

/** Starts the simulated fleet; `told` is what it says of itself once it answers, null where it ends before. */
function startFleet(dir, place) {
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
    server: true,
    output: (line) => (line.startsWith("{") ? tell(JSON.parse(line)) : console.error(line)),
  });
  return { ...fleet, told: Promise.race([told, fleet.ended.then(() => null)]) };
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
  /** Waits for one step of the start; no other one begins once this process was asked to end. */
  const step = async (work) => {
    const result = await work;
    if (stopping) throw new Plain("Stopped before it was up.");
    return result;
  };
  // Until the children run, a signal simply ends this process.
  await setUp();
  build();
  onStopSignal(() => void stopAll());

  try {
    const place = await step(fleetPlace(dataDir));
    children.fleet = startFleet(path.join(dataDir, "fleet"), place);
    const facts = await step(children.fleet.told);
    if (!facts) throw new Plain("The simulated fleet did not start; its last lines above say why.");
    const env = {
      // Set, if only to nothing: Next would take them from the .env of the console that is no demo.
      ICHOR_KEY: process.env.ICHOR_KEY ?? "",
      ICHOR_KEY_FILE: process.env.ICHOR_KEY_FILE ?? "",
      ICHOR_URL: process.env.ICHOR_URL ?? "",
      ...signInSettings(),
      ICHOR_DATA_DIR: dataDir,
      ICHOR_FACTORY_URL: facts.factoryUrl,
      // The simulated machines are on this machine's loopback, where real ones never are.
      ICHOR_NODE_NETWORKS: "127.0.0.0/8",
      ICHOR_GPU_TELEMETRY: process.env.ICHOR_GPU_TELEMETRY || "on",
      ICHOR_LOG_LEVEL: process.env.ICHOR_LOG_LEVEL || "warn",
    };
    const credentials = await step(demoCredentials(dataDir, env, (child) => (children.seed = child)));
    const launch = () => {
      children.console = startConsole(settings, env, (line) => isNextChatter(line) || console.error(line));
      const pids = {
        demo: process.pid,
        console: children.console.child.pid,
        fleet: children.fleet.child.pid,
        controlUrl: facts.controlUrl,
      };
      writeWhole(path.join(dataDir, "demo-processes.json"), JSON.stringify(pids));
    };
    launch();
    await step(waitForHealth(loopback, children.console));
    await step(welcomeFleet(loopback, credentials.token, facts));
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
      const what = which === "console" ? "The console" : "The simulated fleet";
      const { exitCode, line } = fateOf(await children[which].ended, { asked: false, killed: false, what });
      process.exitCode = exitCode;
      await stopAll();
      console.error(line);
      return;
    }
    await stopAll();
  } catch (error) {
    const asked = stopping;
    await stopAll();
    if (!asked) throw error;
  }
});
