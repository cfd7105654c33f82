import "server-only";
import { z } from "zod";
import { seesValues } from "@/lib/gpu/meaning/shown-profile";
import { profilesByIds } from "@/lib/gpu/queries";
import { suggestForNode } from "@/lib/gpu/suggest";
import { parseTalosRelease } from "@/lib/gpu/talos-release";
import { extensionsIfReachable } from "@/lib/image-factory/factory";
import { defineOperation } from "@/lib/operation/define-operation";
import { setUnknownMachinePolicy } from "./policy";
import { gpusFromIds, resolvedGpus, resolveGpus, resolveGpusInput, shownResolution } from "./resolve-gpus";
import { unknownMachinePolicies } from "./schema";

const wholeRelease = (version: string): boolean =>
  /^v?1\.\d+\.\d+/.test(version) && parseTalosRelease(version) !== null;

/** From PCI ids and a Talos release to profiles, extensions, documents and schematic; nothing is stored. */
export const resolveProfilesOperation = defineOperation({
  name: "gpu-profile.resolve",
  role: "viewer",
  kind: "compute",
  unaudited: "It reads the catalogue of profiles.",
  cost: "expensive",
  summary:
    "Suggests GPU profiles for PCI ids on a Talos release and resolves them to extensions, machine config documents and a schematic, or says why that cannot be.",
  input: resolveGpusInput,
  output: resolvedGpus,
  run: async (ctx, input) => {
    const { talosVersion, arch } = input;
    const { gpus } = gpusFromIds(input.pciIds);
    const suggested = suggestForNode(gpus, { talosVersion, arch })?.profileIds ?? [];
    const profiles = await profilesByIds(ctx, input.profileIds ?? suggested);
    const available = wholeRelease(talosVersion) ? await extensionsIfReachable(talosVersion) : undefined;
    const resolved = resolveGpus(input, profiles, available);
    return seesValues(ctx) ? resolved : shownResolution(resolved, talosVersion);
  },
});

/** What unknown machines get over the network boot. */
export const setBootPolicyOperation = defineOperation({
  name: "boot.set-policy",
  role: "admin",
  kind: "change",
  summary:
    "Decides what machines that nobody registered get over the network boot: an explanation, or maintenance mode.",
  input: z.object({ unknownMachines: z.enum(unknownMachinePolicies) }),
  output: z.object({}),
  target: () => ({ kind: "setting", id: "boot.unknown-machines" }),
  auditDetail: ({ unknownMachines }) => ({ unknownMachines }),
  run: async (ctx, { unknownMachines }) => (await setUnknownMachinePolicy(ctx, unknownMachines), {}),
});
