import { z } from "zod";
import { assetIds } from "@/lib/image-factory/asset-urls";

/** One way to boot or install a node: an address to open, or a text to copy. */
export const mediaLink = z.object({
  id: z.enum([...assetIds, "installer", "installer-secureboot", "ipxe-script", "ipxe-chain"]),
  title: z.string(),
  /** What it is for, one sentence. */
  description: z.string(),
  kind: z.enum(["download", "reference", "script"]),
  /** URL, image reference or script line. */
  value: z.string(),
  /** Name of the file behind a download. */
  fileName: z.string().nullable(),
});
export type MediaLink = z.infer<typeof mediaLink>;

/** Boot media of one node. */
export const nodeMedia = z.object({
  schematicId: z.string(),
  /** The node's intent; where nothing is recorded, what it runs; before its first boot, Talos without extensions. */
  source: z.enum(["recorded", "running", "plain"]),
  /** Null = registered at the factory; else why the links do not work yet. */
  notRegisteredReason: z.string().nullable(),
  talosVersion: z.string(),
  arch: z.enum(["amd64", "arm64"]),
  links: z.array(mediaLink),
});
export type NodeMedia = z.infer<typeof nodeMedia>;

/** What machines get that nobody registered: an explanation, or Talos without extensions, in maintenance mode. */
export const unknownMachinePolicies = ["explain", "maintenance"] as const;
export type UnknownMachinePolicy = (typeof unknownMachinePolicies)[number];

/** What an iPXE client tells of itself; anything malformed counts as not told. */
export const bootRequest = z.object({
  uuid: z
    .string()
    .toLowerCase()
    .regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    .nullable()
    .catch(null),
  /** With colons, whatever separates it in the request. */
  mac: z
    .string()
    .toLowerCase()
    .regex(/^[0-9a-f]{2}(?:[:-]?[0-9a-f]{2}){5}$/)
    .transform((text) => (text.match(/[0-9a-f]{2}/g) ?? []).join(":"))
    .nullable()
    .catch(null),
  /** iPXE's `buildarch`. */
  arch: z
    .enum(["x86_64", "i386", "amd64", "arm64"])
    .transform((name) => (name === "arm64" ? ("arm64" as const) : ("amd64" as const)))
    .catch("amd64"),
});
export type BootRequest = z.output<typeof bootRequest>;
