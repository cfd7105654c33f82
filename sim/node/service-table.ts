import type { ServiceInfo } from "@/lib/talos/gen/machine/services";

/** Service states in Talos' own words (internal/app/machined/pkg/system/events/events.go). */
export type ServiceState =
  "Initialized" | "Preparing" | "Waiting" | "Running" | "Stopping" | "Finished" | "Failed" | "Skipped" | "Starting";

export type ServiceHealthState = { unknown: boolean; healthy: boolean; lastMessage: string; lastChangeMs: number };

/** Go's zero time: what a health that was never looked at has in place of a time. */
export const goZeroTimeMs = -62_135_596_800_000;
type Service = {
  id: string;
  state: ServiceState;
  health: ServiceHealthState;
  events: { msg: string; state: ServiceState; tsMs: number }[];
};

/** The services of one boot. */
export class ServiceTable {
  private readonly services = new Map<string, Service>();

  constructor(private readonly nowMs: () => number) {}

  /** Records a transition; health is unknown unless the service has a check and runs. */
  set(id: string, state: ServiceState, msg: string, healthy?: boolean, healthMessage = ""): void {
    const now = this.nowMs();
    const service = this.services.get(id) ?? {
      id,
      state,
      health: { unknown: true, healthy: false, lastMessage: "", lastChangeMs: goZeroTimeMs },
      events: [],
    };
    if (service.events.length === 0 || service.state !== state || service.events.at(-1)?.msg !== msg) {
      service.events.push({ msg, state, tsMs: now });
      if (service.events.length > 16) service.events.shift();
    }
    service.state = state;
    const unknown = healthy === undefined;
    const changed = service.health.unknown !== unknown || service.health.healthy !== (healthy ?? false);
    service.health = {
      unknown,
      healthy: healthy ?? false,
      lastMessage: healthMessage,
      lastChangeMs: changed ? now : service.health.lastChangeMs,
    };
    this.services.set(id, service);
  }

  state(id: string): ServiceState | undefined {
    return this.services.get(id)?.state;
  }

  healthOf(id: string): ServiceHealthState | undefined {
    return this.services.get(id)?.health;
  }

  ids(): string[] {
    return [...this.services.keys()].sort();
  }

  /** As ServiceList answers. */
  list(): ServiceInfo[] {
    return this.ids().flatMap((id): ServiceInfo[] => {
      const service = this.services.get(id);
      if (!service) return [];
      const { health } = service;
      return [
        {
          id,
          state: service.state,
          events: { events: service.events.map(({ msg, state, tsMs }) => ({ msg, state, ts: new Date(tsMs) })) },
          health: {
            unknown: health.unknown,
            healthy: health.healthy,
            lastMessage: health.lastMessage,
            lastChange: new Date(health.lastChangeMs),
          },
        },
      ];
    });
  }
}
