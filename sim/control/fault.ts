import { z } from "zod";

/** What can be made to go wrong on a node. */
export const fault = z.discriminatedUnion("kind", [
  /** Pulls take `factor` times as long. */
  z.object({ kind: z.literal("slow-pull"), factor: z.number().min(1).max(1000).default(10) }),
  /** Pulls stop half-way and never go on. */
  z.object({ kind: z.literal("stalled-pull") }),
  /** The registry does not know the images that it asks for. */
  z.object({ kind: z.literal("image-not-found") }),
  /** The installer ends with this exit code. */
  z.object({ kind: z.literal("installer-exit"), code: z.number().int().min(1).max(255) }),
  /** The installer stops in the middle, until the fault goes. */
  z.object({ kind: z.literal("installer-hangs") }),
  /** The machine loses power once, while its installer writes or in the restart after it, and comes back by itself. */
  z.object({ kind: z.literal("power-loss"), during: z.enum(["install", "restart"]).default("install") }),
  /** The next boot of a new slot fails, and the node comes back on the old one. */
  z.object({ kind: z.literal("rollback") }),
  /** After the next reboot it stays off. */
  z.object({ kind: z.literal("never-returns") }),
  /** Connections drop every `everyMs` of fleet time. */
  z.object({ kind: z.literal("flapping"), everyMs: z.number().min(100).default(5_000) }),
  /** Its clock is wrong by this much. Certificates made from now on are not valid yet (or no more). */
  z.object({ kind: z.literal("clock-skew"), skewMs: z.number() }),
  /** An extension of the schematic is missing from the next boot on. */
  z.object({ kind: z.literal("missing-extension"), extension: z.string() }),
  /** A kernel module does not load from the next boot on. */
  z.object({ kind: z.literal("module-not-loaded"), module: z.string() }),
  /** A card is not on the bus from the next boot on; `index` counts the node's own cards from 0. */
  z.object({ kind: z.literal("card-gone"), index: z.number().int().min(0).max(63) }),
  /** A driver is loaded from the next boot on, and takes none of its cards. */
  z.object({ kind: z.literal("driver-not-bound"), driver: z.string() }),
  /** A driver takes its cards from the next boot on, and makes no device nodes. */
  z.object({ kind: z.literal("no-device-node"), driver: z.string() }),
  /** No device plugin registers the node's cards. */
  z.object({ kind: z.literal("device-plugin-missing") }),
  /** A volume fails in the next boot, which waits for it. */
  z.object({ kind: z.literal("volume-failed"), volume: z.string().min(1).max(40) }),
  /** A pod on the node whose disruption budget never allows its eviction. */
  z.object({ kind: z.literal("blocked-drain") }),
  /** Its etcd member is gone from the cluster. */
  z.object({ kind: z.literal("etcd-member-lost") }),
  /** Nothing listens on its address. */
  z.object({ kind: z.literal("unreachable") }),
]);
export type Fault = z.infer<typeof fault>;
export type FaultKind = Fault["kind"];

/** One of the kinds with its default settings, from its name alone: `slow-pull`, `installer-exit:7`. Throws ZodError. */
export function parseFault(text: string): Fault {
  const [kind, argument] = text.split(":", 2);
  switch (kind) {
    case "installer-exit":
      return fault.parse({ kind, code: Number(argument ?? 1) });
    case "power-loss":
      return fault.parse(argument === undefined ? { kind } : { kind, during: argument });
    case "slow-pull":
      return fault.parse(argument === undefined ? { kind } : { kind, factor: Number(argument) });
    case "flapping":
      return fault.parse(argument === undefined ? { kind } : { kind, everyMs: Number(argument) });
    case "clock-skew":
      return fault.parse({ kind, skewMs: Number(argument ?? 300_000) });
    case "missing-extension":
      return fault.parse({ kind, extension: argument ?? "" });
    case "module-not-loaded":
      return fault.parse({ kind, module: argument ?? "nvidia" });
    case "card-gone":
      return fault.parse({ kind, index: Number(argument ?? 0) });
    case "driver-not-bound":
    case "no-device-node":
      return fault.parse({ kind, driver: argument ?? "nvidia" });
    case "volume-failed":
      return fault.parse({ kind, volume: argument ?? "EPHEMERAL" });
    default:
      return fault.parse({ kind });
  }
}
