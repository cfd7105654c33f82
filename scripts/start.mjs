import "./check-node.mjs";
import { build } from "./build.mjs";
import { main } from "./console-error.mjs";
import { fateOf } from "./fate.mjs";
import { isNextChatter, startConsole } from "./console-server.mjs";
import { onStopSignal, requireFreePort, stop, takeDataDir, waitForHealth } from "./processes.mjs";
import { loadEnvFile, readSettings } from "./settings.mjs";
import { setUp } from "./setup.mjs";

await main(async () => {
  loadEnvFile();
  const settings = readSettings("ichor");
  await requireFreePort(settings.host, settings.port, "npm start");
  const release = takeDataDir(settings.dataDir);
  process.on("exit", release);
  await setUp();
  build();
  const server = startConsole(settings, {}, (line) => isNextChatter(line) || console.log(line));
  let stopping = null;
  onStopSignal(() => (stopping = stop(server)));
  try {
    await waitForHealth(settings.loopback, server);
    console.log(`Ichor runs at ${process.env.ICHOR_URL || settings.address}   Stop it with Ctrl-C.`);
  } catch (error) {
    // One that was stopped while it started has not failed.
    if (!stopping) {
      void stop(server);
      throw error;
    }
  }
  const end = await server.ended;
  const { exitCode, line } = fateOf(end, { asked: stopping !== null, killed: (await stopping) === true });
  if (line !== null) console.error(line);
  process.exitCode = exitCode;
});
