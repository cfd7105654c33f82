import "server-only";
import { offThread } from "@/lib/core/off-thread/pool";
import { installImageOf } from "@/lib/machine-config/install-image";
import type { ConfigIssue } from "@/lib/machine-config/validate-schema";
import type { NodeFacts } from "../facts";
import { documentsTask } from "../tasks";
import { extensionsInImage } from "./image-contents";
import { judgeInstallImage } from "./install-image";

/**
 * What is to be said before a config is sent to a node that runs as it does: an install image that would lose extensions, that does not exist, or
 * that is another platform's. Talos takes such a config without a word.
 */
export async function installWarnings(config: string, facts: NodeFacts, signal?: AbortSignal): Promise<ConfigIssue[]> {
  const { image, path } = installImageOf(await offThread(documentsTask, config));
  if (image === null) return [];
  const { warnings } = judgeInstallImage(image, await extensionsInImage(image, signal), facts);
  return warnings.map((message) => ({ severity: "warning", path, message }));
}

/** What is to be said of a config that waits for the next boot, or is on trial, before another one is sent. */
export function pendingWarnings(pending: { staged: boolean; dropped: boolean; onTrial: boolean }): ConfigIssue[] {
  const warning = (message: string): ConfigIssue[] => [{ severity: "warning", path: "", message }];
  if (pending.onTrial) {
    return warning(
      "The config that runs is on trial and would be taken back by itself: applying this makes it permanent.",
    );
  }
  if (!pending.staged) return [];
  return warning(
    pending.dropped
      ? "A change is staged for the next boot: applying this drops it."
      : "A change is staged for the next boot and is part of this one: applied now, it counts now. Stage this too to let both wait.",
  );
}
