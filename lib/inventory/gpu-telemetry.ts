import { errorMessage } from "@/lib/core/errors";
import type { GpuDevice, GpuTelemetry } from "@/lib/gpu/schema";
import {
  type IdleSample,
  telemetryFrom,
  telemetryListPaths,
  type TelemetryNames,
  telemetryReadPaths,
  unavailableTelemetry,
} from "@/lib/gpu/telemetry";
import type { TalosClient } from "@/lib/talos/client";
import { isTalosError } from "@/lib/talos/errors";
import { namesIn } from "./gpu-evidence";

type Options = { signal: AbortSignal };
const deadlineMs = 10_000;
const most = 4 * 1024;

/** Does the node tell of this card's load at all, if its files may be read? */
export const hasTelemetry = (gpu: GpuDevice): boolean => telemetryListPaths(gpu).length > 0;

/** Which number its monitor and its card have; neither changes while the node runs. */
async function namesOf(client: TalosClient, gpu: GpuDevice, options: Options): Promise<TelemetryNames> {
  const [hwmon = [], drm = []] = await Promise.all(
    telemetryListPaths(gpu).map(async (path) => (await namesIn(client, path, options)) ?? []),
  );
  return { hwmon, drm };
}

async function contentOf(client: TalosClient, path: string, { signal }: Options): Promise<[string, string][]> {
  try {
    return [[path, (await client.read(path, { signal, deadlineMs, maxBytes: most })).toString("utf8")]];
  } catch (error) {
    // Which files there are depends on chip and driver; a file that fails to be read (a card asleep) is as good as absent.
    if (!signal.aborted && isTalosError(error, "not-found", "node-failed", "too-large")) return [];
    throw error;
  }
}

/**
 * Reads the load of a node's AMD and Intel cards from sysfs (MachineService.Read: Talos role os:admin). Keeps what the next
 * reading needs of this one, so one reader belongs to one boot of a node.
 */
export function createTelemetryReader(): (
  client: TalosClient,
  gpus: readonly GpuDevice[],
  options: Options & { now: () => number },
) => Promise<GpuTelemetry[]> {
  const names = new Map<string, TelemetryNames>();
  const samples = new Map<string, IdleSample>();
  return (client, gpus, options) =>
    Promise.all(
      gpus.map(async (gpu) => {
        const { pciAddress } = gpu;
        const known = names.get(pciAddress) ?? (await namesOf(client, gpu, options));
        if (known.drm.length > 0) names.set(pciAddress, known);
        const contents = new Map(
          (await Promise.all(telemetryReadPaths(gpu, known).map((path) => contentOf(client, path, options)))).flat(),
        );
        const before = samples.get(pciAddress) ?? null;
        const { telemetry, sample } = telemetryFrom(gpu, known, contents, { atMs: options.now(), before });
        if (sample) samples.set(pciAddress, sample);
        else samples.delete(pciAddress);
        return telemetry;
      }),
    );
}

export type TelemetryPorts = {
  gpus: () => readonly GpuDevice[];
  /** Opens a connection as os:admin; thrown is why there is none. */
  open: (signal: AbortSignal) => Promise<TalosClient>;
  take: (telemetry: GpuTelemetry[]) => void;
  /** Waits for the next turn; rejects when the signal aborts. */
  turn: () => Promise<void>;
  now: () => number;
};

/** Certificates that are made for admins last an hour. */
const reopenAfterMs = 45 * 60_000;

/**
 * Reads the cards' load at every turn until the signal aborts. What fails is told as the reason why there are no figures,
 * and tried again; it never ends the node's connection.
 */
export async function followGpuTelemetry(ports: TelemetryPorts, signal: AbortSignal): Promise<void> {
  const read = createTelemetryReader();
  let opened: { client: TalosClient; atMs: number } | null = null;
  const close = () => {
    opened?.client.close();
    opened = null;
  };
  try {
    while (!signal.aborted) {
      const gpus = ports.gpus().filter(hasTelemetry);
      try {
        if (opened && ports.now() - opened.atMs > reopenAfterMs) close();
        if (gpus.length > 0) {
          opened ??= { client: await ports.open(signal), atMs: ports.now() };
          ports.take(await read(opened.client, gpus, { signal, now: ports.now }));
        }
      } catch (error) {
        close();
        if (signal.aborted) return;
        ports.take(gpus.map((gpu) => unavailableTelemetry(gpu.pciAddress, errorMessage(error))));
      }
      await ports.turn();
    }
  } finally {
    close();
  }
}
