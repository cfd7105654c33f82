import { z } from "zod";

/** Inputs of the operations on machines, nodes and clusters; forms use the same ones. */
export const nodeId = z.string().min(1).max(64);
export const clusterId = z.string().min(1).max(64);
const nodeIds = z.array(nodeId).min(1, "Choose at least one node.").max(1000);

const hostname = z
  .string()
  .trim()
  .regex(/^[a-zA-Z0-9](?:[a-zA-Z0-9.-]{0,251}[a-zA-Z0-9])?$/, "A hostname has letters, digits, hyphens and dots.");

export const registerInput = z.object({
  hostname,
  mac: z
    .string()
    .trim()
    .regex(/^([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}$/, "A MAC address looks like 0c:c4:7a:12:34:56.")
    .optional(),
  uuid: z
    .string()
    .trim()
    .regex(
      /^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$/,
      "A UUID looks like 1b4e28ba-2fa1-11d2-883f-0016d3cca427.",
    )
    .optional(),
});

export const importInput = z.object({
  talosconfig: z
    .string()
    .min(1, "Paste a talosconfig.")
    .max(1024 * 1024),
  /** By default the selected one. */
  context: z.string().max(300).optional(),
  /** Replaces the credentials of a cluster that is there already. */
  renew: z.boolean().default(false),
});

export const scanInput = z.object({ target: z.string().trim().min(1, "Give an address or a network.").max(100) });
export const cancelScanInput = z.object({ scanId: z.string().min(1).max(64) });

/**
 * The cluster's name, typed by an administrator who goes on although the guard of etcd refuses. Audited as `quorum.override`.
 */
export const confirmCluster = z.string().max(253).optional();
export const rebootInput = z.object({
  nodeId,
  confirmCluster,
  mode: z.enum(["default", "powercycle", "force"]).default("default"),
});
export const rollbackInput = z.object({ nodeId, confirmCluster });
export const shutdownInput = z.object({ nodeId, confirmCluster, force: z.boolean().default(false) });
export const resetInput = z.object({
  nodeId,
  confirmCluster,
  confirmName: z.string().max(253),
  graceful: z.boolean().default(true),
  reboot: z.boolean().default(true),
  mode: z.enum(["all", "system-disk", "user-disks"]).default("all"),
});
export const restartServiceInput = z.object({ nodeId, confirmCluster, service: z.string().min(1).max(253) });

export const assignInput = z.object({
  nodeIds,
  /** Several for nodes with cards of several vendors. */
  profileIds: z.array(z.string().min(1).max(64)).min(1, "Choose a profile.").max(4),
});
const refusedNodes = z.array(z.object({ nodeId: z.string(), name: z.string(), reason: z.string() }));
const schematicText = z.object({ id: z.string(), text: z.string() });
export const previewAssignOutput = z.object({
  previews: z.array(
    z.object({
      nodeId: z.string(),
      name: z.string(),
      /** What runs now; null where the node runs no schematic. */
      running: schematicText.nullable(),
      schematic: schematicText,
      installImage: z.string(),
      /** What the machine config gets besides, when it is applied. */
      kernelModules: z.array(z.string()),
      sysctls: z.record(z.string(), z.string()),
      warnings: z.array(z.string()),
    }),
  ),
  refused: refusedNodes,
});
export const assignOutput = z.object({
  assigned: z.array(
    z.object({
      nodeId: z.string(),
      name: z.string(),
      schematicId: z.string(),
      installImage: z.string(),
      registered: z.boolean(),
      warnings: z.array(z.string()),
    }),
  ),
  refused: refusedNodes,
});

export const named = z.object({ name: z.string() });
/** What a node accepted. `etcd`: what the guard read before it, empty where the node is no control plane. */
export const requested = named.extend({ etcd: z.string() });

const bundleText = z
  .string()
  .min(1, "Paste the secrets bundle.")
  .max(256 * 1024);

export const importSecretsInput = z
  .object({
    clusterId,
    /** A bundle (`talosctl gen secrets`), or have one of the cluster's control planes read: Talos role os:admin. */
    source: z
      .discriminatedUnion("kind", [
        z.object({ kind: z.literal("bundle"), yaml: bundleText }),
        z.object({ kind: z.literal("control-plane") }),
      ])
      .optional(),
    /** Short for a source of kind `bundle`. */
    bundle: bundleText.optional(),
  })
  .refine(({ source, bundle }) => (source === undefined) !== (bundle === undefined), {
    path: ["source"],
    error: "Give the bundle, or choose the control plane.",
  });
