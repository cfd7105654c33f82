import { z } from "zod";
import { AppError } from "@/lib/core/errors";
import { shownKernelArg } from "@/lib/gpu/meaning/kernel-args";
import { shownModule, shownSysctl } from "@/lib/gpu/meaning/shown-profile";
import { builtInProfiles } from "@/lib/gpu/profiles";
import { gpuFromIds } from "@/lib/gpu/detect";
import { extensionConflicts, judgeAddedExtensions } from "@/lib/gpu/extension-rules";
import {
  architectures,
  type GpuProfile,
  profileAddOn,
  type ProfileResolution,
  refusal,
  resolvedModule,
} from "@/lib/gpu/profile-schema";
import { resolveProfiles } from "@/lib/gpu/resolve";
import { type GpuDevice, gpuDevice } from "@/lib/gpu/schema";
import { suggestForGpu, suggestForNode } from "@/lib/gpu/suggest";
import { parseTalosRelease } from "@/lib/gpu/talos-release";
import { profilePatch } from "@/lib/machine-config/profile-patch";
import { contractOfTalosVersion, type VersionContract } from "@/lib/machine-config/schema";
import { canonicalSchematic, schematicId } from "@/lib/schematic/canonical";
import { parseSchematic } from "@/lib/schematic/document";
import { shownSchematic } from "@/lib/schematic/shown";
import { composeSchematic, nodeImageOptions, type NodeImageOptions } from "@/lib/schematic/compose";

export const resolveGpusInput = z.object({
  /** `vendor:device` in hex, one per card: `10de:1b06`. */
  pciIds: z.array(z.string().max(20)).max(64),
  /** `v1.14.0`, or `1.14` for the newest patch. */
  talosVersion: z.string().max(60),
  arch: z.enum(architectures).default("amd64"),
  /** Profiles to resolve; without them those that are suggested. */
  profileIds: z.array(z.string().max(80)).max(10).optional(),
  nvSwitch: z.boolean().default(false),
  options: nodeImageOptions.prefault({}),
});
export type ResolveGpusInput = z.output<typeof resolveGpusInput>;

export const resolvedGpus = z.object({
  gpus: z.array(gpuDevice),
  /** Ids that are no GPUs: displays of management controllers and virtual machines. */
  ignored: z.array(z.string()),
  suggestion: z.object({
    profileIds: z.array(z.string()),
    reason: z.string().nullable(),
    perGpu: z.array(z.object({ pciId: z.string(), profileId: z.string().nullable(), reason: z.string() })),
  }),
  /** The profiles that were resolved. */
  profileIds: z.array(z.string()),
  ok: z.boolean(),
  extensions: z.array(z.string()),
  kernelModules: z.array(resolvedModule),
  sysctls: z.record(z.string(), z.string()),
  kernelArgs: z.array(z.string()),
  addOns: z.array(profileAddOn),
  driverVersion: z.string().nullable(),
  warnings: z.array(z.string()),
  /** Machine config patch of that release for modules and sysctls; empty where none is needed. */
  documents: z.string(),
  schematic: z.object({ id: z.string(), canonical: z.string() }).nullable(),
  refusals: z.array(refusal),
});
export type ResolvedGpus = z.infer<typeof resolvedGpus>;

/** The version contract of a release, also of one without patch number (`1.14`). */
const contractOf = (talosVersion: string): VersionContract =>
  contractOfTalosVersion(`v1.${parseTalosRelease(talosVersion)?.minor ?? 0}.0`);

const idsPattern = /^(?:0x)?[0-9a-f]{4}:(?:0x)?[0-9a-f]{4}$/i;

/**
 * The cards that the ids name; those that are no GPUs are set aside.
 * @throws AppError `invalid-input` for a text that is no pair of ids.
 */
export function gpusFromIds(pciIds: readonly string[]): { gpus: GpuDevice[]; ignored: string[] } {
  const gpus: GpuDevice[] = [];
  const ignored: string[] = [];
  pciIds.forEach((ids, index) => {
    if (!idsPattern.test(ids.trim())) {
      throw new AppError("invalid-input", "A PCI id is vendor and device in hex, such as 10de:1b06.", {
        fields: { [`pciIds.${index}`]: "Give it as 10de:1b06." },
      });
    }
    const gpu = gpuFromIds(ids, index);
    if (gpu) gpus.push(gpu);
    else ignored.push(ids);
  });
  return { gpus, ignored };
}

/** A resolution with what a person added to the image: that must exist, and go together with the profiles' own. */
function withAdded(
  result: ProfileResolution,
  { extraExtensions }: NodeImageOptions,
  added: ReturnType<typeof judgeAddedExtensions>,
): ProfileResolution {
  if (!result.ok) return { ok: false, refusals: [...result.refusals, ...added.refusals] };
  const refusals = [...added.refusals, ...extensionConflicts([...result.extensions, ...extraExtensions])];
  if (refusals.length > 0) return { ok: false, refusals };
  return { ...result, warnings: [...result.warnings, ...added.warnings] };
}

/** Everything that follows from cards, a release and profiles. Pure. */
export function resolveGpus(
  input: ResolveGpusInput,
  profiles: readonly GpuProfile[],
  availableExtensions?: readonly string[],
): ResolvedGpus {
  const { talosVersion, arch, nvSwitch, options } = input;
  const { gpus, ignored } = gpusFromIds(input.pciIds);
  const suggested = suggestForNode(gpus, { talosVersion, arch });
  const target = { profiles, talosVersion, arch, gpus, nvSwitch, availableExtensions };
  const added = judgeAddedExtensions(options.extraExtensions, talosVersion, availableExtensions);
  const result = withAdded(resolveProfiles({ ...target, kernelArgs: options.extraKernelArgs }), options, added);
  const head = {
    gpus,
    ignored,
    suggestion: {
      profileIds: suggested?.profileIds ?? [],
      reason: suggested?.reason ?? null,
      perGpu: gpus.map((gpu) => ({
        pciId: `${gpu.vendorId}:${gpu.deviceId}`,
        ...suggestForGpu(gpu, { talosVersion, arch }),
      })),
    },
    profileIds: profiles.map(({ id }) => id),
  };
  if (!result.ok) {
    const nothing = { extensions: [], kernelModules: [], sysctls: {}, kernelArgs: [], addOns: [], warnings: [] };
    return {
      ...head,
      ...nothing,
      ok: false,
      driverVersion: null,
      documents: "",
      schematic: null,
      refusals: result.refusals,
    };
  }
  const { kernelModules, sysctls } = result;
  const document = composeSchematic({ resolved: result, options });
  return {
    ...head,
    ...result,
    documents: profilePatch({ kernelModules, sysctls, contract: contractOf(talosVersion) }) ?? "",
    schematic: { id: schematicId(document), canonical: canonicalSchematic(document) },
    refusals: [],
  };
}

/** A resolution without the values of custom profiles that may be secrets: for viewers, who may resolve what others wrote. Pure. */
export function shownResolution(resolved: ResolvedGpus, talosVersion: string): ResolvedGpus {
  const kernelModules = resolved.kernelModules.map(shownModule);
  const sysctls = Object.fromEntries(Object.entries(resolved.sysctls).map(([key, value]) => shownSysctl(key, value)));
  const installs = new Set(builtInProfiles.flatMap(({ addOns }) => addOns.map(({ install }) => install)));
  return {
    ...resolved,
    kernelModules,
    sysctls,
    kernelArgs: resolved.kernelArgs.map(shownKernelArg),
    addOns: resolved.addOns.filter(({ install }) => installs.has(install)),
    documents: profilePatch({ kernelModules, sysctls, contract: contractOf(talosVersion) }) ?? "",
    schematic: resolved.schematic && {
      ...resolved.schematic,
      canonical: shownSchematic(parseSchematic(resolved.schematic.canonical)).text,
    },
  };
}
