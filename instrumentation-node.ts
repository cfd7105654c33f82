import { startAuditKeeping, stopAuditKeeping } from "@/lib/audit-keeping/schedule";
import { stampPeers } from "@/lib/auth/client-address";
import { cleanHosts } from "@/lib/auth/forwarded-host";
import { guardConsole } from "@/lib/core/console-guard";
import { env } from "@/lib/core/env";
import { AppError } from "@/lib/core/errors";
import { exitAfter, exitBy } from "@/lib/core/exit";
import { log } from "@/lib/core/log";
import { setReady } from "@/lib/core/readiness";
import { noticeServers, stopServing } from "@/lib/core/stop-serving";
import { openDatabase } from "@/lib/db/open";
import { startWatcher, stopWatcher } from "@/lib/inventory/watcher";
import { endAllStreams } from "@/lib/live/sse";
import { newSetupLink } from "@/lib/people/setup-link";
import { startSchematicRegistrar } from "@/lib/schematic/registrar";
import { resumeRuns, stopRuns } from "@/lib/upgrades/upgrade-runner";

/** Opens the database, then starts what works in the background. A start that cannot succeed ends with one sentence. */
export async function start(): Promise<void> {
  try {
    noticeServers();
    const isStopping = stopOnSignal();
    prepare();
    await invite();
    await startBackground();
    setReady(!isStopping());
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    process.stderr.write(`${error.message}${error.hint ? ` ${error.hint}` : ""}\n`);
    process.exit(1);
  }
}

function prepare(): void {
  guardConsole();
  stampPeers();
  cleanHosts();
  const report = openDatabase();
  if (report.applied.length > 0)
    log.info("Database migrated", { migrations: report.applied.join(", "), backup: report.backup });
  // With a public address next-auth builds its links from it, else from the request's host, which the proxy has checked.
  if (process.env.ICHOR_URL) process.env.NEXTAUTH_URL = env().publicUrl;
  else process.env.AUTH_TRUST_HOST = "1";
}

async function invite(): Promise<void> {
  const link = await newSetupLink();
  if (link !== null) process.stdout.write(`\nCreate the first administrator here, once:\n  ${link}\n\n`);
}

async function startBackground(): Promise<void> {
  startSchematicRegistrar();
  await startWatcher();
  await resumeRuns();
  startAuditKeeping();
}

/** The whole end, whatever browsers do; what was read is stored within the first five seconds of it. */
const endWithinMs = 8_000;
const exitCodes = { SIGTERM: 143, SIGINT: 130 } as const;

/** @returns whether the end has begun. */
function stopOnSignal(): () => boolean {
  let stopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      stopping = true;
      setReady(false);
      exitBy(endWithinMs, exitCodes[signal]);
      // The server waits for every answer to end, and live streams do not end by themselves.
      endAllStreams();
      stopServing();
      // Next ends the process when the last answer has ended, which is sooner than what was read is stored.
      exitAfter(Promise.allSettled([stopRuns(), stopWatcher(), stopAuditKeeping()]), 5_000);
    });
  }
  return () => stopping;
}
