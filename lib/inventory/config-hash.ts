import { createHash } from "node:crypto";
import { encodeMachineConfig, parseMachineConfig } from "@/lib/machine-config/documents";

/** sha256 of a config's documents, so that comments and the way of writing do not count. */
export const configHash = (yaml: string): string =>
  createHash("sha256")
    .update(encodeMachineConfig(parseMachineConfig(yaml)))
    .digest("hex");
