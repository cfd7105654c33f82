import { startAuditKeeping, stopAuditKeeping } from "@/lib/audit-keeping/schedule";
import { recordSystem } from "@/lib/audit/record";
import { stampPeers } from "@/lib/auth/client-address";
import { systemContext } from "@/lib/auth/ctx";
import { cleanHosts } from "@/lib/auth/forwarded-host";
import { startBackups } from "@/lib/backup/schedule";
import { guardConsole } from "@/lib/core/console-guard";
import { env } from "@/lib/core/env";
import { AppError } from "@/lib/core/errors";
import { exitAfter, exitBy } from "@/lib/core/exit";
import { log } from "@/lib/core/log";
import { setReady } from "@/lib/core/readiness";
import { noticeServers, stopServing } from "@/lib/core/stop-serving";
import { openDatabase, type StartReport } from "@/lib/db/open";
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
    await noteStart(prepare());
    await invite();
    await startBackground();
    setReady(!isStopping());
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    process.stderr.write(`${error.message}${error.hint ? ` ${error.hint}` : ""}\n`);
    process.exit(1);
  }
}

function prepare(): StartReport {
  guardConsole();
  stampPeers();
  cleanHosts();
  const report = openDatabase();
  if (report.applied.length > 0)
    log.info("Database migrated", { migrations: report.applied.join(", "), backup: report.backup });
  // With a public address next-auth builds its links from it, else from the request's host, which the proxy has checked.
  if (process.env.ICHOR_URL) process.env.NEXTAUTH_URL = env().publicUrl;
  else process.env.AUTH_TRUST_HOST = "1";
  return report;
}

/** What this start did to the data stands in the audit log, too. */
async function noteStart({ restored, rotation }: StartReport): Promise<void> {
  const who = systemContext("start");
  if (restored) {
    const { file, madeAtMs, by } = restored;
    log.warn("A back-up was restored", { file, madeAt: new Date(madeAtMs).toISOString(), by });
    await recordSystem(who, { action: "backup.restore", detail: { file, madeAtMs, by } });
  }
  if (rotation?.state === "resealed") {
    log.warn("Every secret was sealed anew; ICHOR_KEY_OLD can be taken away", { secrets: rotation.secrets });
    await recordSystem(who, { action: "key.rotate", detail: { secrets: rotation.secrets } });
  }
  if (rotation?.state === "none") log.info("The key was changed before; ICHOR_KEY_OLD can be taken away");
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
  startBackups();
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
