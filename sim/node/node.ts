import { setMaxListeners } from "node:events";
import { MachineStatusEvent, MachineStatusEvent_MachineStage } from "@/lib/talos/gen/machine/events";
import { PowerLoss } from "../clock";
import type { SimCluster } from "../cluster/cluster";
import type { Fault } from "../control/fault";
import type { DriverOutcome } from "../hardware/drivers";
import { buildMachine, type Machine } from "../hardware/machine";
import { namespaceOf } from "../resources/catalogue";
import { ResourceStore } from "../resources/store";
import type { NodeSpec } from "../scenario/node-spec";
import type { World } from "../world";
import { configFacts, type ConfigFacts } from "./config-facts";
import { EventRing } from "./event-ring";
import { ImageStore } from "./image-store";
import { LogBuffer } from "./log-buffer";
import { ServiceTable } from "./service-table";

export type Slot = { release: string; schematicId: string };
export type SlotLabel = "A" | "B";
export type Stage =
  | "booting"
  | "installing"
  | "maintenance"
  | "running"
  | "rebooting"
  | "shutting down"
  | "resetting"
  | "upgrading"
  | "unknown";

const stageNumbers: Readonly<Record<Stage, MachineStatusEvent_MachineStage>> = {
  unknown: MachineStatusEvent_MachineStage.UNKNOWN,
  booting: MachineStatusEvent_MachineStage.BOOTING,
  installing: MachineStatusEvent_MachineStage.INSTALLING,
  maintenance: MachineStatusEvent_MachineStage.MAINTENANCE,
  running: MachineStatusEvent_MachineStage.RUNNING,
  rebooting: MachineStatusEvent_MachineStage.REBOOTING,
  "shutting down": MachineStatusEvent_MachineStage.SHUTTING_DOWN,
  resetting: MachineStatusEvent_MachineStage.RESETTING,
  upgrading: MachineStatusEvent_MachineStage.UPGRADING,
};

/** What a node keeps over a reboot: on disk, in the boot loader, in its firmware. */
export type NodeDisk = {
  slots: Record<SlotLabel, Slot | null>;
  active: SlotLabel;
  /** The slot to go back to unless this boot gets ready (META key `Upgrade`). */
  fallback: SlotLabel | null;
  config: string | null;
  etcdMemberId: bigint | null;
};

const noDrivers: DriverOutcome = { modules: [], bindings: new Map(), log: [], deviceNodes: [], nvidiaVersion: null };

/** One simulated machine. Everything below `disk` is of this boot and starts anew with the next. */
export class SimNode {
  readonly machine: Machine;
  readonly images = new ImageStore();
  cluster: SimCluster | null;
  disk: NodeDisk;
  /** Where it boots from while nothing is installed (an ISO, or PXE). */
  readonly media: Slot;

  power: "off" | "starting" | "up" = "off";
  booted: Slot | null = null;
  /** The slot that this boot came from. */
  bootedFrom: SlotLabel = "A";
  bootId = "";
  bootedAtMs = 0;
  stage: Stage = "unknown";
  ready = false;
  unmet: { name: string; reason: string }[] = [];
  drivers: DriverOutcome = noDrivers;
  resources: ResourceStore;
  events: EventRing;
  services: ServiceTable;
  kernelLog = new LogBuffer();
  logs = new Map<string, LogBuffer>();
  /** Aborted when this boot ends. */
  life = new AbortController();
  /** Takes the place of the config at the next boot (ApplyConfiguration, mode STAGED). */
  stagedConfig: string | null = null;
  /** The sequence or installation that runs now. */
  sequence: string | null = null;
  installing = false;
  readonly faults = new Map<string, Fault>();
  private readonly powerListeners = new Set<(power: SimNode["power"]) => void>();
  private facts: { text: string; facts: ConfigFacts } | null = null;

  constructor(
    readonly world: World,
    readonly spec: NodeSpec,
    readonly address: string,
    installed: Slot,
    cluster: SimCluster | null,
  ) {
    this.machine = buildMachine(spec, world.seed);
    this.cluster = cluster;
    this.media = installed;
    this.disk = {
      slots: { A: cluster ? installed : null, B: null },
      active: "A",
      fallback: null,
      config: null,
      etcdMemberId: null,
    };
    this.resources = new ResourceStore(namespaceOf, () => this.nowMs());
    this.events = new EventRing(() => this.nowMs());
    this.services = new ServiceTable(() => this.nowMs());
  }

  get name(): string {
    return this.spec.name;
  }

  /** What it runs: what this boot was started from. */
  get running(): Slot {
    return this.booted ?? this.nextBoot;
  }

  /** What its next boot starts: the active slot, or its boot media. */
  get nextBoot(): Slot {
    return this.disk.slots[this.disk.active] ?? this.media;
  }

  get installed(): boolean {
    return this.disk.slots.A !== null || this.disk.slots.B !== null;
  }

  get maintenance(): boolean {
    return this.disk.config === null;
  }

  get hostname(): string {
    return (
      this.config?.hostname ??
      (this.maintenance ? `talos-${this.machine.uuid.slice(0, 3)}-${this.machine.uuid.slice(-3)}` : this.spec.name)
    );
  }

  get controlPlane(): boolean {
    return this.config?.type === "controlplane";
  }

  /** What its machine config says; null in maintenance mode. */
  get config(): ConfigFacts | null {
    const text = this.disk.config;
    if (text === null) return null;
    if (this.facts?.text !== text) this.facts = { text, facts: configFacts(text) };
    return this.facts.facts;
  }

  /** Its own clock, which a fault can set wrong. */
  nowMs(): number {
    const skew = this.faults?.get("clock-skew");
    return this.world.clock.nowMs() + (skew?.kind === "clock-skew" ? skew.skewMs : 0);
  }

  /** Waits in fleet time; ends with PowerLoss when this boot ends. */
  wait(durationMs: number): Promise<void> {
    return this.world.clock.wait(durationMs, this.life.signal);
  }

  /** Starts a boot: nothing in memory survives. */
  powerOn(bootId: string): void {
    this.life.abort(new PowerLoss(`${this.name} lost power`));
    this.life = new AbortController();
    // Every open stream of the node listens for its end.
    setMaxListeners(0, this.life.signal);
    this.bootId = bootId;
    if (this.stagedConfig !== null) this.disk.config = this.stagedConfig;
    this.stagedConfig = null;
    this.booted = { ...this.nextBoot };
    this.bootedFrom = this.disk.active;
    this.bootedAtMs = this.world.clock.nowMs();
    this.resources = new ResourceStore(namespaceOf, () => this.nowMs());
    this.events = new EventRing(() => this.nowMs());
    this.services = new ServiceTable(() => this.nowMs());
    this.kernelLog = new LogBuffer();
    this.logs = new Map();
    this.drivers = noDrivers;
    this.sequence = null;
    this.installing = false;
    this.stage = "booting";
    this.ready = false;
    this.unmet = [];
    this.setPower("starting");
  }

  powerOff(): void {
    this.life.abort(new PowerLoss(`${this.name} lost power`));
    this.stage = "unknown";
    this.ready = false;
    this.setPower("off");
    this.world.nodeChanged(this);
  }

  setPower(power: SimNode["power"]): void {
    this.power = power;
    for (const listener of [...this.powerListeners]) listener(power);
  }

  onPower(listener: (power: SimNode["power"]) => void): () => void {
    this.powerListeners.add(listener);
    return () => this.powerListeners.delete(listener);
  }

  /** Publishes stage and readiness as resource and event; nothing happens when both are as before. */
  setStage(stage: Stage, ready: boolean, unmet: { name: string; reason: string }[] = [], actorId = ""): void {
    const same = this.stage === stage && this.ready === ready && JSON.stringify(this.unmet) === JSON.stringify(unmet);
    const published = this.resources.get("MachineStatuses.runtime.talos.dev", "machine") !== undefined;
    if (same && published) return;
    this.stage = stage;
    this.ready = ready;
    this.unmet = unmet;
    this.resources.put(
      "MachineStatuses.runtime.talos.dev",
      "machine",
      { stage, status: { ready, unmetConditions: unmet } },
      { owner: "runtime.MachineStatusController" },
    );
    const payload = MachineStatusEvent.encode({
      stage: stageNumbers[stage],
      status: { ready, unmetConditions: unmet },
    }).finish();
    this.events.publish("MachineStatusEvent", payload, actorId);
    this.world.nodeChanged(this);
  }

  log(service: string): LogBuffer {
    const known = this.logs.get(service);
    if (known) return known;
    const buffer = new LogBuffer();
    this.logs.set(service, buffer);
    return buffer;
  }

  /** One kernel log record, in the form of Talos' Dmesg call. */
  kmsg(text: string, facility: "kern" | "user" = "kern", priority = "info"): void {
    this.kernelLog.append(
      `${facility}: ${priority.padStart(7)}: [${new Date(this.nowMs()).toISOString().replace("Z", "000000Z")}]: ${text}`,
    );
  }
}
