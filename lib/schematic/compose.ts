import { z } from "zod";
import { extensionName } from "@/lib/gpu/profile-schema";
import { bootloaders } from "./decode";
import {
  enrollKeysModes,
  extensionsOf,
  kernelArgsOf,
  type SchematicDocument,
  schematicMeta,
  schematicOverlay,
  schematicSecureboot,
} from "./document";

/** Written as JSON. */
const mostOptions = 16 * 1024;
const lengthOf = (options: unknown): number =>
  JSON.stringify(options ?? null, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)).length;

/** What a node's schematic has besides its GPU profiles. */
export const nodeImageOptions = z.strictObject({
  extraKernelArgs: z
    .array(z.string().regex(/^[^\s\p{Cc}]{1,1000}$/u, "must be one kernel argument without spaces"))
    .max(100)
    .default([]),
  extraExtensions: z
    .array(
      z.string().regex(extensionName, "must look like siderolabs/iscsi-tools, with more in front at a private factory"),
    )
    .max(50)
    .default([]),
  secureboot: schematicSecureboot
    .extend({ enrollKeys: z.enum(enrollKeysModes).nullish() })
    .nullable()
    .default(null),
  overlay: schematicOverlay
    .extend({ image: z.string().max(512).nullish(), name: z.string().max(128).nullish() })
    .refine(({ options }) => lengthOf(options) <= mostOptions, {
      path: ["options"],
      error: "The overlay's options are longer than 16 KiB.",
    })
    .nullable()
    .default(null),
  meta: z
    .array(schematicMeta.extend({ value: z.string().max(4_096).default("") }))
    .max(50)
    .default([]),
  bootloader: z.enum(bootloaders).nullable().default(null),
});
export type NodeImageOptions = z.infer<typeof nodeImageOptions>;

export type ComposeInput = {
  /** What the profiles resolved to (`resolveProfiles`). */
  resolved: { extensions: readonly string[]; kernelArgs: readonly string[] };
  options?: Partial<NodeImageOptions>;
};

/**
 * The schematic of a node: extensions sorted, as the factory's own wizard does, so that equal intents have equal IDs;
 * kernel arguments in order, the profiles' first, since the kernel takes the last of two that contradict each other.
 */
export function composeSchematic({ resolved, options = {} }: ComposeInput): SchematicDocument {
  const extensions = [...new Set([...resolved.extensions, ...(options.extraExtensions ?? [])])].sort();
  // Arguments may rightly come twice (hugepages=16 for each of two sizes), so only a profile's own are not repeated.
  const own = new Set(resolved.kernelArgs);
  const kernelArgs = [...own, ...(options.extraKernelArgs ?? []).filter((arg) => !own.has(arg))];
  const meta = [...(options.meta ?? [])].sort((a, b) => a.key - b.key);
  return {
    ...(options.overlay ? { overlay: options.overlay } : {}),
    customization: {
      ...(kernelArgs.length > 0 ? { extraKernelArgs: kernelArgs } : {}),
      ...(meta.length > 0 ? { meta } : {}),
      ...(extensions.length > 0 ? { systemExtensions: { officialExtensions: extensions } } : {}),
      ...(options.bootloader ? { bootloader: options.bootloader } : {}),
      ...(options.secureboot ? { secureboot: options.secureboot } : {}),
    },
  };
}

const sameItems = (left: readonly string[], right: readonly string[]): boolean =>
  left.toSorted().join("\n") === right.toSorted().join("\n");

/**
 * A running schematic with its GPU parts replaced: what other tools put into it (extensions, arguments, overlay, META)
 * stays, so that assigning a profile never drops anything but the profiles before it.
 */
export function recomposeSchematic(
  running: SchematicDocument,
  before: ComposeInput["resolved"],
  after: ComposeInput["resolved"],
): SchematicDocument {
  const keep = (items: readonly string[] | null | undefined, dropped: readonly string[]) =>
    (items ?? []).filter((item) => !dropped.includes(item));
  const { customization } = running;
  const composed = composeSchematic({
    resolved: after,
    options: {
      extraExtensions: keep(customization?.systemExtensions?.officialExtensions, before.extensions),
      extraKernelArgs: keep(customization?.extraKernelArgs, before.kernelArgs),
    },
  });
  // Another order is another ID: nobody should have to upgrade for that.
  const same =
    sameItems(extensionsOf(running), extensionsOf(composed)) &&
    sameItems(kernelArgsOf(running), kernelArgsOf(composed));
  if (same) return running;
  return {
    ...running,
    customization: { ...customization, extraKernelArgs: null, systemExtensions: null, ...composed.customization },
  };
}
