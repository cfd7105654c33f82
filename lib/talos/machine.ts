import { nodeCaps } from "@/lib/core/bounds/input-caps";
import { ask, type CallOptions } from "@/lib/talos/call";
import type { Channel } from "@/lib/talos/channel";
import { MachineServiceService as machine } from "@/lib/talos/gen/machine/machine";
import { goTimeMs } from "@/lib/talos/go-time";
import { cleanText } from "@/lib/talos/text";

export type VersionFacts = {
  /** `v1.13.9`. */
  tag: string;
  sha: string;
  architecture: string;
  os: string;
  platform: string;
  /** `metal`, `cloud`, `container`. */
  platformMode: string;
  /** Null before the machine has a config. */
  rbac: boolean | null;
};

export type ServiceFacts = {
  id: string;
  /** Talos' word: `Running`, `Waiting`, `Failed`… */
  state: string;
  /** Null = the service has no health check, or it has not said yet. */
  healthy: boolean | null;
  lastMessage: string;
  lastChangeMs: number | null;
  /** Newest last. */
  events: { message: string; state: string; atMs: number | null }[];
};

/** As many as Talos keeps itself (`events.MaxEventsToKeep`). */
const keptEvents = 64;
const short = (text: string) => cleanText(text, { max: 512 });

/** Version and services: what every role may read (`os:reader`). */
export const machineCalls = (channel: Channel) => ({
  /** Talos release, architecture and platform. Not available in maintenance mode before 1.13 ("unimplemented"). */
  async version(options?: CallOptions): Promise<VersionFacts> {
    const { version, platform, features } = await ask(channel, machine.version, {}, options);
    return {
      tag: short(version?.tag ?? ""),
      sha: short(version?.sha ?? ""),
      architecture: short(version?.arch ?? ""),
      os: short(version?.os ?? ""),
      platform: short(platform?.name ?? ""),
      platformMode: short(platform?.mode ?? ""),
      rbac: features?.rbac ?? null,
    };
  },

  /** All services with state, health and their last events. */
  async serviceList(options?: CallOptions): Promise<ServiceFacts[]> {
    const { services } = await ask(channel, machine.serviceList, {}, options);
    channel.limits.atMost(machine.serviceList.path, services.length, nodeCaps.services, "services");
    return services.map(({ id, state, health, events }) => ({
      id: short(id),
      state: short(state),
      healthy: health && !health.unknown ? health.healthy : null,
      lastMessage: short(health?.lastMessage || (events?.events.at(-1)?.msg ?? "")),
      lastChangeMs: goTimeMs(health?.lastChange) ?? goTimeMs(events?.events.at(-1)?.ts),
      events: (events?.events ?? []).slice(-keptEvents).map(({ msg, state: then, ts }) => ({
        message: short(msg),
        state: short(then),
        atMs: goTimeMs(ts),
      })),
    }));
  },

  /** Start, stop and restart of one service need `os:operator`. Each returns the node's answer. */
  async serviceStart(id: string, options?: CallOptions): Promise<string> {
    return short((await ask(channel, machine.serviceStart, { id }, options)).resp);
  },
  async serviceStop(id: string, options?: CallOptions): Promise<string> {
    return short((await ask(channel, machine.serviceStop, { id }, options)).resp);
  },
  async serviceRestart(id: string, options?: CallOptions): Promise<string> {
    return short((await ask(channel, machine.serviceRestart, { id }, options)).resp);
  },
});
