import { z } from "zod";

/** One finding: `path` is `machine.install.disk` or `KernelModuleConfig/nvidia.parameters`; empty for the whole config. */
export const configIssue = z.object({ severity: z.enum(["error", "warning"]), path: z.string(), message: z.string() });
export type ConfigIssue = z.infer<typeof configIssue>;

/** What kind of machine a config is for: one that Talos is installed on, one whose disk holds Talos already (a cloud), or a container. */
export const runtimeMode = z.enum(["metal", "cloud", "container"]);
export type RuntimeMode = z.infer<typeof runtimeMode>;

/** What a check of a config was made by. */
export const checkedBy = z.object({
  /** Talos release whose fields and types were compared: `1.14.1`. */
  fields: z.string(),
  /** Talos release whose rules were applied: `1.14`, or `1.13.2` where the node's own is known. */
  rules: z.string(),
  mode: runtimeMode,
  /** What was not looked at. */
  limits: z.string(),
});
export type CheckedBy = z.infer<typeof checkedBy>;
