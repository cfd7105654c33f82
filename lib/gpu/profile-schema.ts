import { z } from "zod";
import { gpuVendors } from "./schema";

export const architectures = ["amd64", "arm64"] as const;
export type Architecture = (typeof architectures)[number];

/** Minors of Talos 1 in which a part exists: `from` inclusive, `until` exclusive. */
const talosRange = z.strictObject({
  from: z.number().int().min(0).max(999).optional(),
  until: z.number().int().min(1).max(999).optional(),
});

/** Kernel driver that a profile brings. */
export const profileDriver = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("nvidia"),
    flavour: z.enum(["open", "proprietary"]),
    channel: z.enum(["production", "lts"]),
  }),
  z.strictObject({ kind: z.literal("amdgpu") }),
  z.strictObject({ kind: z.literal("i915") }),
  z.strictObject({ kind: z.literal("xe") }),
  z.strictObject({ kind: z.literal("none") }),
]);
export type ProfileDriver = z.infer<typeof profileDriver>;

/** `siderolabs/amdgpu`; extensions of a private Image Factory have a path in front: `owner/siderolabs/amdgpu`. */
export const extensionName = /^(?:[a-z0-9][a-z0-9._-]{0,62}\/){1,4}[a-z0-9][a-z0-9._-]{0,80}$/;

const oneLine = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}]*$/u, "must be one line");

/** What installs in Kubernetes beside a profile: values for a Helm chart, or what to apply. */
export const profileAddOn = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  title: oneLine(80),
  talos: talosRange.optional(),
  /** Resource names that it makes allocatable on the node. */
  resources: z.array(oneLine(120)).max(10),
  namespace: oneLine(63),
  /** The command that installs it. */
  install: oneLine(600),
  /** Helm values, or the spec of its custom resource. */
  values: z.record(z.string(), z.json()),
  notes: z.array(oneLine(300)).max(10),
});
export type ProfileAddOn = z.infer<typeof profileAddOn>;

/** A GPU profile: what a node needs for its GPU, as data, each part with the Talos releases in which it exists. */
export const gpuProfile = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/),
  name: oneLine(60),
  summary: oneLine(300),
  vendor: z.enum([...gpuVendors, "none"]),
  driver: profileDriver,
  architectures: z.array(z.enum(architectures)).min(1).max(2),
  talos: talosRange,
  extensions: z
    .array(
      z.strictObject({
        name: z
          .string()
          .regex(extensionName, "must look like siderolabs/amdgpu, with more in front at a private factory"),
        talos: talosRange.optional(),
        /** `nvswitch`: only where the node has an NVSwitch; `intel-discrete`: only beside an Arc or Flex card. */
        when: z.enum(["always", "nvswitch", "intel-discrete"]).default("always"),
      }),
    )
    .max(30),
  kernelModules: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z0-9_-]{1,60}$/i, "must be the name of a kernel module"),
        parameters: z.array(oneLine(200)).max(20).default([]),
        talos: talosRange.optional(),
      }),
    )
    .max(30),
  sysctls: z
    .array(
      z.strictObject({
        key: z.string().regex(/^[a-z0-9_.\-/]{1,120}$/i, "must be the name of a sysctl"),
        value: oneLine(200),
        talos: talosRange.optional(),
      }),
    )
    .max(30),
  kernelArgs: z
    .array(
      z.strictObject({
        arg: z.string().regex(/^[^\s\p{Cc}]{1,400}$/u, "must be one kernel argument without spaces"),
        talos: talosRange.optional(),
      }),
    )
    .max(30),
  addOns: z.array(profileAddOn).max(10),
});
export type GpuProfile = z.infer<typeof gpuProfile>;

export const resolvedModule = z.object({ name: z.string(), parameters: z.array(z.string()) });
export type ResolvedModule = z.infer<typeof resolvedModule>;

export const refusalRules = [
  "unknown-release",
  "profile-range",
  "architecture",
  "extension-absent",
  "open-with-proprietary",
  "different-channels",
  "generation-dropped",
  "generation-too-new",
  "generation-not-open",
  "generation-open-only",
  "driver-not-binding",
  "driver-needs-argument",
  "vendor-absent",
  "toolkit-without-gpu",
  "toolkit-without-modules",
  "none-with-others",
  "conflicting-sysctl",
  "conflicting-module",
] as const;
export type RefusalRule = (typeof refusalRules)[number];

export const refusal = z.object({ rule: z.enum(refusalRules), message: z.string() });
export type Refusal = z.infer<typeof refusal>;

/** What a set of profiles comes to on one Talos release, or why it cannot be. */
export const profileResolution = z.discriminatedUnion("ok", [
  z.object({
    ok: z.literal(true),
    /** Sorted, `siderolabs/…`. */
    extensions: z.array(z.string()),
    kernelModules: z.array(resolvedModule),
    sysctls: z.record(z.string(), z.string()),
    /** In the profiles' order: arguments are not sorted. */
    kernelArgs: z.array(z.string()),
    addOns: z.array(profileAddOn),
    /** NVIDIA driver of that release, `580.178.04` or `580.126.20 to 580.178.04`; null without one. */
    driverVersion: z.string().nullable(),
    /** True things that do not stop it. */
    warnings: z.array(z.string()),
  }),
  z.object({ ok: z.literal(false), refusals: z.array(refusal) }),
]);
export type ProfileResolution = z.infer<typeof profileResolution>;

/** The profile that Ichor would pick for a GPU or a node; `profileId` is null where no built-in one can drive it. */
export const gpuSuggestion = z.object({
  profileId: z.string().nullable(),
  reason: z.string(),
});
export type GpuSuggestion = z.infer<typeof gpuSuggestion>;
