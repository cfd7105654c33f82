import "server-only";
import { StorageUnavailable } from "@/lib/core/errors";
import { log } from "@/lib/core/log";

/** Notes when a token or session was used last. It is a courtesy: a full disk must not keep anybody from reading. */
export const noteUse = (what: "token" | "session", write: Promise<unknown>): Promise<unknown> =>
  write.catch((error: unknown) => {
    if (!(error instanceof StorageUnavailable)) throw error;
    log.warn(`The last use of a ${what} could not be noted`, { reason: error.message });
  });
