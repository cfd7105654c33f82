import { setMaxListeners } from "node:events";
import { MachineStatusEvent } from "@/lib/talos/gen/machine/events";
import { RuntimeMachineStage } from "@/lib/talos/gen/resource/definitions/enums";
import { PowerLoss, ServingEnded } from "../clock";
import type { SimCluster } from "../cluster/cluster";
import type { Fault } from "../control/fault";
import type { DriverOutcome } from "../hardware/drivers";
import { buildMachine, type Machine } from "../hardware/machine";
import { machineStatuses } from "../resources/kinds/runtime";
import { ResourceStore } from "../resources/store";
import type { NodeSpec } from "../scenario/node-spec";
import type { World } from "../world";
import { configFacts, type ConfigFacts } from "./config-facts";
import { EventRing } from "./event-ring";
import { addressHostname, stableHostname, waitingHostname } from "./hostname";
import { ImageStore } from "./image-store";
import { LogBuffer } from "./log-buffer";
import type { SequenceName } from "./run-sequence";
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

/** The same numbers in the resource and in the event. */
const stageNumbers: Readonly<Record<Stage, RuntimeMachineStage>> = {
  unknown: RuntimeMachineStage.MACHINE_STAGE_UNKNOWN,
  booting: RuntimeMachineStage.MACHINE_STAGE_BOOTING,
  installing: RuntimeMachineStage.MACHINE_STAGE_INSTALLING,
  maintenance: RuntimeMachineStage.MACHINE_STAGE_MAINTENANCE,
  running: RuntimeMachineStage.MACHINE_STAGE_RUNNING,
  rebooting: RuntimeMachineStage.MACHINE_STAGE_REBOOTING,
  "shutting down": RuntimeMachineStage.MACHINE_STAGE_SHUTTING_DOWN,
  resetting: RuntimeMachineStage.MACHINE_STAGE_RESETTING,
  upgrading: RuntimeMachineStage.MACHINE_STAGE_UPGRADING,
};

/** What a node keeps over a reboot: on disk, in the boot loader, in its firmware. */
export type NodeDisk = {
  slots: Record<SlotLabel, Slot | null>;
  active: SlotLabel;
  /** The slot to go back to unless this boot gets ready (META key `Upgrade`). */
  fallback: SlotLabel | null;
  config: string | null;
  etcdMemberId: bigint | null;
  /** The values of the META partition, by key. */
  meta: ReadonlyMap<number, string>;
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

  /** `stopping` = its kernel runs, but its API has ended. */
  power: "off" | "starting" | "up" | "stopping" = "off";
  booted: Slot | null = null;
  /** The slot that this boot came from. */
  bootedFrom: SlotLabel = "A";
  bootId = "";
  bootedAtMs = 0;
  stage: Stage = "unknown";
  ready = false;
  unmet: { name: string; reason: string }[] = [];
  drivers: DriverOutcome = noDrivers;
  /** What this boot found on its bus. */
  pci: Machine["pci"];
  resources: ResourceStore;
  events: EventRing;
  services: ServiceTable;
  kernelLog = new LogBuffer();
  logs = new Map<string, LogBuffer>();
  /** Aborted when this boot ends. */
  life = new AbortController();
  /** Aborted when the API of this boot ends, which is earlier than the boot where it ends in good order. */
  serving = new AbortController();
  /** The config of this boot, which differs from the one on disk while that is staged or this is on trial. */
  private activeConfig: string | null = null;
  /** Ends the trial of a config (ApplyConfiguration, mode TRY); null while none runs. */
  trial: AbortController | null = null;
  /** The sequence that runs now, which an abort ends in favour of another. */
  sequence: { name: SequenceName; cancel: AbortController } | null = null;
  /** An installer runs (LifecycleService). */
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
    this.pci = this.machine.pci;
    this.cluster = cluster;
    this.media = installed;
    this.disk = {
      slots: { A: cluster ? installed : null, B: null },
      active: "A",
      fallback: null,
      config: null,
      etcdMemberId: null,
      meta: new Map(),
    };
    this.resources = new ResourceStore(installed.release, () => this.nowMs());
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
    return this.configText === null;
  }

  get hostname(): string {
    const { config } = this;
    if (!config) return waitingHostname(this);
    if (config.hostname !== null) return config.hostname;
    return config.autoHostname === "stable" ? stableHostname(this) : addressHostname(this);
  }

  get controlPlane(): boolean {
    return this.config?.type === "controlplane";
  }

  /** The machine config that it runs, and while it is off the one that it will boot with; null in maintenance mode. */
  get configText(): string | null {
    return this.power === "off" ? this.disk.config : this.activeConfig;
  }

  set configText(text: string | null) {
    this.activeConfig = text;
  }

  /** What its machine config says; null in maintenance mode. */
  get config(): ConfigFacts | null {
    const text = this.configText;
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
    this.serving.abort(new PowerLoss(`${this.name} lost power`));
    this.serving = new AbortController();
    setMaxListeners(0, this.serving.signal);
    this.bootId = bootId;
    this.activeConfig = this.disk.config;
    // A config that was in memory only is gone, and with it the cluster.
    if (this.disk.config === null) this.cluster = null;
    this.trial = null;
    this.booted = { ...this.nextBoot };
    this.bootedFrom = this.disk.active;
    this.bootedAtMs = this.world.clock.nowMs();
    this.resources = new ResourceStore(this.booted.release, () => this.nowMs());
    this.events = new EventRing(() => this.nowMs());
    this.services = new ServiceTable(() => this.nowMs());
    this.kernelLog = new LogBuffer();
    this.logs = new Map();
    this.log("controller-runtime").append(`${new Date(this.nowMs()).toISOString()} controller runtime started`);
    this.log("dns-resolve-cache").append(`${new Date(this.nowMs()).toISOString()} updated dns server nameservers`);
    this.drivers = noDrivers;
    this.sequence = null;
    this.installing = false;
    this.stage = "booting";
    this.ready = false;
    this.unmet = [];
    this.setPower("starting");
  }

  /** Its API starts again, with the certificate of what the machine is now; connections of before end. */
  restartApi(): void {
    this.setPower("up");
  }

  /** The API ends in good order: streams that only follow come to their end. */
  stopServing(): void {
    this.serving.abort(new ServingEnded(`${this.name} stops its services`));
  }

  powerOff(): void {
    this.life.abort(new PowerLoss(`${this.name} lost power`));
    this.serving.abort(new PowerLoss(`${this.name} lost power`));
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
  setStage(stage: Stage, ready: boolean, unmet: { name: string; reason: string }[] = []): void {
    const same = this.stage === stage && this.ready === ready && JSON.stringify(this.unmet) === JSON.stringify(unmet);
    const published = this.resources.get(machineStatuses, "machine") !== undefined;
    if (same && published) return;
    this.stage = stage;
    this.ready = ready;
    this.unmet = unmet;
    const status = { ready, unmetConditions: unmet };
    this.resources.put(machineStatuses, "machine", { stage: stageNumbers[stage], status });
    // Stage and event numbers are the same; the event has no actor, whoever caused it (runtime/machine_status_publisher.go).
    this.events.publish(
      "MachineStatusEvent",
      MachineStatusEvent.encode({ stage: Number(stageNumbers[stage]), status }).finish(),
      "",
    );
    this.world.nodeChanged(this);
  }

  log(service: string): LogBuffer {
    const known = this.logs.get(service);
    if (known) return known;
    const buffer = new LogBuffer();
    this.logs.set(service, buffer);
    return buffer;
  }

  /** One kernel log record, in the form of Talos' Dmesg call; what Talos says itself is in machined's log, too. */
  kmsg(text: string, facility: "kern" | "user" = "kern", priority = "info"): void {
    const at = new Date(this.nowMs()).toISOString();
    // Go leaves out the zeros at the end of a fraction.
    const time = at.replace(/\.?0*Z$/, "Z");
    this.kernelLog.append(`${facility}: ${priority.padStart(7)}: [${time}]: ${text}`);
    if (text.startsWith("[talos] ")) this.log("machined").append(`${at} ${text}`);
  }
}
