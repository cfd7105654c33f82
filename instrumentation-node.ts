import { startAuditKeeping, stopAuditKeeping } from "@/lib/audit-keeping/schedule";
import { shareSessionSecret } from "@/lib/auth/session-cookie";
import { env } from "@/lib/core/env";
import { AppError } from "@/lib/core/errors";
import { exitAfter } from "@/lib/core/exit";
import { log } from "@/lib/core/log";
import { setReady } from "@/lib/core/readiness";
import { openDatabase } from "@/lib/db/open";
import { deriveSecret } from "@/lib/db/secrets";
import { startWatcher, stopWatcher } from "@/lib/inventory/watcher";
import { endAllStreams } from "@/lib/live/sse";
import { newSetupLink } from "@/lib/people/setup-link";
import { startSchematicRegistrar } from "@/lib/schematic/registrar";
import { resumeRuns, stopRuns } from "@/lib/upgrades/upgrade-runner";

/** Opens the database, then starts what works in the background. A start that cannot succeed ends with one sentence. */
export async function start(): Promise<void> {
  try {
    prepare();
    await invite();
    await startBackground();
    stopOnSignal();
    setReady(true);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    process.stderr.write(`${error.message}${error.hint ? ` ${error.hint}` : ""}\n`);
    process.exit(1);
  }
}

function prepare(): void {
  const report = openDatabase();
  if (report.applied.length > 0)
    log.info("Database migrated", { migrations: report.applied.join(", "), backup: report.backup });
  shareSessionSecret(deriveSecret("session"));
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

function stopOnSignal(): void {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      setReady(false);
      // The server waits for every answer to end, and live streams do not end by themselves.
      endAllStreams();
      // Next ends the process when the last answer has ended, which is sooner than what was read is stored.
      exitAfter(Promise.allSettled([stopRuns(), stopWatcher(), stopAuditKeeping()]), 5_000);
    });
  }
}
