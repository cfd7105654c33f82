import "server-only";
import { z } from "zod";
import { parseNetworks } from "@/lib/core/dial/address-rule";
import { env } from "@/lib/core/env";
import { defineOperation } from "@/lib/operation/define-operation";
import { importTalosconfig } from "./import-commands";
import { cancelScanInput, importInput, named, nodeId, registerInput, scanInput } from "./operation-schema";
import { registerMachine, removeNode } from "./register-commands";
import { cancelScan, startScan } from "./scan";
import { scanTargets } from "./scan-range";

export const talosconfigImport = defineOperation({
  name: "talosconfig.import",
  role: "admin",
  kind: "change",
  summary: "Imports a cluster with all its members from a talosconfig, whole or not at all.",
  input: importInput,
  output: z.object({ clusterId: z.string(), name: z.string(), nodes: z.number(), silent: z.array(z.string()) }),
  auditDetail: ({ context, renew }) => ({ context, renew }),
  run: importTalosconfig,
});

export const machineScan = defineOperation({
  name: "machine.scan",
  role: "operator",
  kind: "change",
  cost: "expensive",
  summary: "Looks for machines in maintenance mode at an address or in a network of at most 1,024 addresses.",
  input: scanInput,
  output: z.object({ scanId: z.string(), total: z.number() }),
  auditDetail: ({ target }) => ({ target }),
  run: async (_ctx, { target }) => startScan(scanTargets(target, parseNetworks(env().nodeNetworks))),
});

export const machineCancelScan = defineOperation({
  name: "machine.cancel-scan",
  role: "operator",
  kind: "change",
  summary: "Ends a scan; the machines that it has found stay.",
  input: cancelScanInput,
  output: z.object({}),
  run: async (_ctx, { scanId }) => {
    cancelScan(scanId);
    return {};
  },
});

export const machineRegister = defineOperation({
  name: "machine.register",
  role: "operator",
  kind: "change",
  summary: "Records a machine before it was ever seen, by its MAC address or UUID.",
  input: registerInput,
  output: z.object({ nodeId: z.string() }),
  auditDetail: (input) => input,
  run: registerMachine,
});

export const nodeRemove = defineOperation({
  name: "node.remove",
  role: "operator",
  kind: "change",
  summary: "Forgets a node; the machine itself is left as it is.",
  input: z.object({ nodeId }),
  output: named,
  target: (input) => ({ kind: "node", id: input.nodeId }),
  run: (ctx, input) => removeNode(ctx, input.nodeId),
});
