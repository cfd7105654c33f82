import { setMaxListeners } from "node:events";
import { fullJitterMs, sleep } from "@/lib/core/time";
import type { GpuTelemetry } from "@/lib/gpu/schema";
import { resourceDefs } from "@/lib/talos/resources";
import type { TalosClient } from "@/lib/talos/client";
import { cordonFacts } from "./cordon-facts";
import type { Dialled } from "./dial";
import { followConfig } from "./drift/follow-config";
import type { NodeFacts } from "./facts";
import { isFocused, onFocus } from "./focus";
import { followGpuKernelLog, listGpuEvidence, withGpuEvidence } from "./gpu-evidence";
import { followBoot, keepBootTime } from "./follow-boot";
import { follow, soon, unlessAbsent } from "./node-follow";
import { pollTurn } from "./poll-turn";
import { followGpuTelemetry } from "./gpu-telemetry";
import { type LifePorts, Replaced } from "./life-ports";
import { readCounters, readEtcd } from "./node-poll";
import {
  addressFacts,
  diagnosticFacts,
  extensionFacts,
  moduleFacts,
  serviceFacts,
  statusFacts,
  unattendedInstallFacts,
} from "./node-readings";
import {
  checkedGpus,
  type PciDevices,
  readBootFacts,
  readIdentityFacts,
  readPci,
  readSystem,
  uuidOf,
} from "./node-snapshot";

const pollMs = 15_000;
const focusedPollMs = 3_000;
const [slowPollMs, focusedSlowPollMs] = [60_000, 5_000];
const renewBeforeMs = 60 * 60_000;
const maxTimerMs = 2 ** 31 - 1;

class Life {
  private readonly ending = new AbortController();
  private failure: { error: unknown } | null = null;
  private modulesWatched = false;
  private kernelLogFollowed = false;
  private addressesTold = false;
  readonly signal: AbortSignal;

  constructor(
    private readonly client: TalosClient,
    private readonly ports: LifePorts,
    outer: AbortSignal,
  ) {
    this.signal = AbortSignal.any([outer, this.ending.signal]);
    // Every call of this life listens to it: a dozen streams and as many reads at once.
    setMaxListeners(100, this.signal);
  }

  /** Ends the life with its first failure; what fails after the end is its echo. */
  readonly fail = (error: unknown): void => {
    if (this.signal.aborted) return;
    this.failure = { error };
    this.ending.abort();
  };

  private facts(): NodeFacts | null {
    return this.ports.state()?.facts ?? null;
  }

  private read(facts: Partial<NodeFacts> | null): void {
    if (facts) this.ports.apply({ kind: "facts", atMs: this.ports.now(), facts });
  }

  private readonly boot = { facts: () => this.facts(), read: (facts: Partial<NodeFacts>) => this.read(facts) };
  private readonly identity = soon(
    async () => this.read(await readIdentityFacts(this.client, this.signal)),
    500,
    (error) => this.fail(error),
  );
  private readonly services = soon(
    async () => {
      const list = await unlessAbsent(this.client.serviceList({ signal: this.signal }));
      if (list) this.read(serviceFacts(list));
    },
    200,
    (error) => this.fail(error),
  );
  private readonly evidence = soon(
    async () => this.readEvidence(),
    300,
    (error) => this.fail(error),
  );

  private async readEvidence(): Promise<void> {
    const gpus = this.facts()?.gpus ?? [];
    if (gpus.length === 0) return;
    const found = await listGpuEvidence(this.client, gpus, { signal: this.signal });
    const before = this.facts();
    if (before) this.read(withGpuEvidence(before, found, this.modulesWatched));
  }

  /** The first whole reading: who it is, then everything that a page shows. Throws `Replaced` for another machine. */
  async begin({ certificateExpiresMs, fingerprint }: Dialled): Promise<void> {
    const { ports, client, signal } = this;
    const system = await readSystem(client, signal);
    const uuid = uuidOf(system);
    if (uuid !== null) ports.apply({ kind: "identity", uuid });
    const reached = () => ports.apply({ kind: "reached", atMs: ports.now(), certificateExpiresMs, fingerprint });
    if (ports.state()?.replacedByUuid != null) {
      reached();
      throw new Replaced(client.address);
    }
    const pciDevices = readPci(client, signal);
    const [identity, boot, status, pci] = await Promise.all([
      readIdentityFacts(client, signal),
      readBootFacts(client, { system, pci: pciDevices }, signal),
      unlessAbsent(client.get(resourceDefs.machineStatus, undefined, { signal })),
      pciDevices,
    ]);
    this.read({ ...identity, ...boot, ...(status && statusFacts(status.spec)) });
    const before = this.facts();
    if (pci && before) this.read(checkedGpus(client, pci, before));
    reached();
  }

  /** Everything that is followed or polled; ends with the first failure, or when the signal aborts. */
  async run(certificateExpiresMs: number | null): Promise<void> {
    const offFocus = onFocus((nodeId) => {
      if (nodeId === this.ports.nodeId) this.evidence.ask();
    });
    this.services.ask();
    this.onGpus();
    const branches = [
      this.followStatus(),
      this.followModules(),
      this.followGpus(),
      this.followEvents(),
      follow(this.client, resourceDefs.diagnostic, (items) => this.read(diagnosticFacts(items)), this.signal),
      follow(
        this.client,
        resourceDefs.unattendedInstallStatus,
        (items) => this.read(unattendedInstallFacts(items)),
        this.signal,
      ),
      followBoot(this.client, this.boot, this.signal),
      follow(this.client, resourceDefs.nodeStatus, (items) => this.read(cordonFacts(items)), this.signal),
      follow(this.client, resourceDefs.extensionStatus, (items) => this.read(extensionFacts(items)), this.signal),
      follow(this.client, resourceDefs.nodeAddress, (items) => this.onAddresses(addressFacts(items)), this.signal),
      follow(
        this.client,
        resourceDefs.hostnameStatus,
        (items) => this.read({ hostname: items[0]?.spec.hostname || null }),
        this.signal,
      ),
      this.poll(),
      this.pollSlowly(),
      this.pollEtcd(),
      this.pollTelemetry(),
      followConfig(this.client, this.ports, this.signal),
      this.renewal(certificateExpiresMs),
    ];
    for (const branch of branches) branch.catch(this.fail);
    await Promise.allSettled(branches);
    for (const task of [this.identity, this.services, this.evidence]) task.stop();
    offFocus();
    if (this.failure) throw this.failure.error;
  }

  /** A change of addresses often comes with another name or link; what is told first was read a moment ago. */
  private onAddresses(facts: Partial<NodeFacts>): void {
    this.read(facts);
    if (this.addressesTold) this.identity.ask();
    this.addressesTold = true;
  }

  private async followStatus(): Promise<void> {
    await follow(
      this.client,
      resourceDefs.machineStatus,
      (items) => {
        const spec = items[0]?.spec;
        if (!spec) return;
        const before = this.facts();
        this.read(statusFacts(spec));
        if (before?.stage !== spec.stage || before.ready !== spec.status.ready) {
          this.identity.ask();
          this.services.ask();
        }
      },
      this.signal,
    );
  }

  private async followModules(): Promise<void> {
    const take = (items: readonly { id: string; spec: { state: string } }[]) => {
      this.modulesWatched = true;
      this.read(moduleFacts(items));
      this.evidence.ask();
    };
    await follow(this.client, resourceDefs.kernelModuleStatus, take, this.signal);
    // Reached only where the release has no such type (before 1.14), or the life is over.
    if (!this.signal.aborted) await follow(this.client, resourceDefs.loadedKernelModule, take, this.signal);
  }

  private async followGpus(): Promise<void> {
    const take = (items: PciDevices) => {
      const before = this.facts();
      if (before) this.read(checkedGpus(this.client, items, before));
      this.onGpus();
    };
    await follow(this.client, resourceDefs.pciDevice, take, this.signal);
  }

  private async followEvents(): Promise<void> {
    const watch = async () => {
      for await (const event of this.client.events({}, { signal: this.signal })) {
        if (event.kind === "service") this.services.ask();
      }
    };
    await unlessAbsent(watch());
  }

  /** GPUs are known, or known anew: while a node boots they are found only some time after it answers. */
  private onGpus(): void {
    if ((this.facts()?.gpus.length ?? 0) === 0) return;
    this.evidence.ask();
    if (this.kernelLogFollowed) return;
    this.kernelLogFollowed = true;
    const take = (kernelLog: string[]) => {
      const before = this.facts();
      if (before) this.read({ evidence: { ...before.evidence, kernelLog } });
    };
    unlessAbsent(followGpuKernelLog(this.client, take, { signal: this.signal })).catch(this.fail);
  }

  private async poll(): Promise<void> {
    // A first sample at once gives a rate with the second; the random part spreads a fleet's polls.
    let waitMs = 0;
    while (!this.signal.aborted) {
      await this.turn(waitMs);
      const facts = this.facts();
      if (!facts) return;
      const { signal } = this;
      const raw = await readCounters(this.client, facts, { signal, now: this.ports.now });
      keepBootTime(this.boot, raw.bootedAtMs);
      const alive = raw.cpu !== null || raw.memory !== null;
      if (alive) this.ports.onCounters(raw);
      // A node without these calls must still be seen to vanish.
      else await unlessAbsent(this.client.get(resourceDefs.machineStatus, undefined, { signal, deadlineMs: 10_000 }));
      const intervalMs = isFocused(this.ports.nodeId) ? focusedPollMs : pollMs;
      waitMs = waitMs === 0 ? Math.min(intervalMs, 1_000 + Math.random() * intervalMs) : intervalMs;
    }
  }

  private async pollTelemetry(): Promise<void> {
    const { openForTelemetry: open, apply, now } = this.ports;
    if (open === null || this.ports.state()?.record.clusterId == null) return;
    const ports = {
      open,
      now,
      gpus: () => this.facts()?.gpus ?? [],
      take: (telemetry: GpuTelemetry[]) => apply({ kind: "telemetry", telemetry }),
      turn: () => this.turn(isFocused(this.ports.nodeId) ? focusedPollMs : pollMs),
    };
    await followGpuTelemetry(ports, this.signal);
  }

  private turn(waitMs: number): Promise<void> {
    return pollTurn(this.ports.nodeId, waitMs, this.signal);
  }

  private async pollSlowly(): Promise<void> {
    while (!this.signal.aborted) {
      await this.readKubernetes();
      await this.turn(isFocused(this.ports.nodeId) ? focusedSlowPollMs : (slowPollMs * (1 + Math.random())) / 2);
      this.services.ask();
      this.evidence.ask();
    }
  }

  /** On its own, since etcd's calls do not answer at all while it does not run: nothing else waits for them. */
  private async pollEtcd(): Promise<void> {
    while (!this.signal.aborted) {
      const facts = this.facts();
      if (facts?.role === "controlplane" && facts.stage === "running") {
        const service = facts.services.find(({ id }) => id === "etcd");
        const asked = service === undefined || service.state === "Running";
        this.read({ etcd: asked ? await readEtcd(this.client, this.signal) : null });
      }
      const { nodeId } = this.ports;
      await this.turn(isFocused(nodeId) ? focusedSlowPollMs : slowPollMs / 2 + Math.random() * (slowPollMs / 2));
    }
  }

  private async readKubernetes(): Promise<void> {
    const state = this.ports.state();
    const clusterId = state?.record.clusterId;
    if (!state || !clusterId || state.facts.nodename === null) return;
    const found = await this.ports.kubernetes(clusterId, state.facts.nodename, this.signal);
    const before = this.facts();
    if (!found || !before) return;
    this.read({
      evidence: { ...before.evidence, allocatable: found.allocatable },
      kubernetesVersion: found.kubeletVersion || before.kubernetesVersion,
    });
  }

  /** Ends the life a while before the client certificate does, so that the next one begins with a fresh one. */
  private async renewal(certificateExpiresMs: number | null): Promise<void> {
    if (certificateExpiresMs === null) return;
    const leftMs = certificateExpiresMs - renewBeforeMs - this.ports.now();
    // One that cannot be renewed is used to its end.
    if (leftMs <= 0) return;
    await sleep(Math.min(maxTimerMs, leftMs + fullJitterMs(20, { capMs: 60_000 })), this.signal);
    this.ending.abort();
  }
}

/**
 * One connection's life: first reading, then watches and polls until it fails or the signal aborts. `up` is called when
 * the first reading is done. Resolves when it ended on purpose (certificate renewal, signal); else throws what ended it.
 */
export async function liveWith(dialled: Dialled, ports: LifePorts, signal: AbortSignal, up: () => void): Promise<void> {
  const life = new Life(dialled.client, ports, signal);
  try {
    await life.begin(dialled);
    up();
    await life.run(dialled.certificateExpiresMs);
  } finally {
    dialled.client.close();
  }
}
