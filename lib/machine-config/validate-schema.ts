import { z } from "zod";

/** One finding: `path` is `machine.install.disk` or `KernelModuleConfig/nvidia.parameters`; empty for the whole config. */
export const configIssue = z.object({ severity: z.enum(["error", "warning"]), path: z.string(), message: z.string() });
export type ConfigIssue = z.infer<typeof configIssue>;
