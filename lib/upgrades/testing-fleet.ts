import { AppError } from "@/lib/core/errors";
import { TalosError, type TalosErrorKind } from "@/lib/talos/errors";
import type { VirtualClock } from "@/lib/core/virtual-clock-testing";
import type { MachineStage } from "@/lib/inventory/schema";
import { allocatableOf, type BrokenLink, type FakeCard, fakeHardware } from "./testing-hardware";
import type { InstallFrame, KubernetesPort, NodePort, PullFrame } from "./ports";
import type { SequenceSign } from "./schema";
import { type LegacyFault, goesDown, saysLegacy } from "./testing-legacy";

export type FakeFaults = {
  installerExit?: number;
  rollback?: boolean;
  neverReturns?: boolean;
  stalledPull?: boolean;
  /** The registry fails so many pulls before it serves one. */
  failedPulls?: number;
  /** Nothing comes of so many pulls, as while the factory builds the image. */
  silentPulls?: number;
  /** How long the layer is unpacked. */
  unpackMs?: number;
  installerHangs?: boolean;
  blockedDrain?: boolean;
  /** After its restart these links do not hold any more. */
  breaks?: BrokenLink[];
  /** After its restart its boot waits for a service. */
  hungBoot?: string;
  /** Device plugins register so long after the restart. */
  pluginsMs?: number;
  /** After its restart Kubernetes cannot be asked, or has no such node. */
  kubernetes?: "unavailable" | "refused" | "no-node";
  /** So many times it refuses to tell its hardware after it has restarted. */
  refusedHardware?: number;
  /** It restarts by itself as soon as it is given back. */
  restartsAfterProof?: boolean;
  etcdLostAfterInstall?: boolean;
  rebootRefused?: boolean;
  /** So many reboots are accepted and forgotten; the next shows only some readings later. */
  forgottenReboots?: number;
  /** It begins to restart, and never gets there. */
  stuckReboot?: boolean;
  legacy?: LegacyFault;
};
export type FakeNode = {
  id: string;
  name: string;
  role: "controlplane" | "worker";
  version: string;
  schematicId: string;
  cards: FakeCard[];
  /** What is broken of its cards since it was switched on. */
  broken: BrokenLink[];
  boot: number;
  cordoned: boolean;
  /** The mark of a run; null where somebody else cordoned it. */
  cordonedBy: string | null;
  idleSlot: { version: string; schematicId: string } | null;
  installing: { untilMs: number; exit: number; slot: { version: string; schematicId: string } } | null;
  /** Away until then; afterwards it has restarted. */
  downUntilMs: number | null;
  upSinceMs: number;
  /** It goes down after so many more readings: counted, so that a runner that takes over surely finds it still up. */
  readsBeforeDown: number | null;
  /** What its sequences said in this boot. */
  said: { boot: number; text: string; sign: SequenceSign }[];
  faults: FakeFaults;
};
export type TraceEntry = { atMs: number; node: string; call: string; boot: number };

export const talosError = (kind: TalosErrorKind, message: string) =>
  new TalosError(message, { kind, method: "/fake", address: "fake" });
const slotOf = (image: string) => {
  const match = /\/([0-9a-f]{64})[:@](v[\w.-]+)/.exec(image);
  if (!match?.[1] || !match[2]) throw new Error(`No factory image: ${image}`);
  return { schematicId: match[1], version: match[2] };
};
const installMs = 5_000;
const downMs = 20_000;

/** Nodes that behave as the runner's facts say, over time; every accepted call is traced, and two control planes away at once is noted. */
export class FakeFleet {
  readonly trace: TraceEntry[] = [];
  readonly violations: string[] = [];
  /** The control plane that has the cluster's lock. */
  heldPlane: string | null = null;
  constructor(
    readonly nodes: FakeNode[],
    private readonly clock: VirtualClock,
  ) {}

  node(id: string): FakeNode {
    const node = this.nodes.find((candidate) => candidate.id === id);
    if (!node) throw new AppError("not-found", "No such node.");
    return this.settled(node);
  }

  /** Brings a node up to now. */
  private settled(node: FakeNode): FakeNode {
    const now = this.clock.nowMs();
    if (node.installing && now >= node.installing.untilMs) {
      if (node.installing.exit === 0) node.idleSlot = node.installing.slot;
      node.installing = null;
    }
    if (node.downUntilMs !== null && now >= node.downUntilMs) {
      node.downUntilMs = null;
      node.boot += 1;
      if (node.idleSlot && !node.faults.rollback) Object.assign(node, node.idleSlot);
      node.idleSlot = null;
      if (node.faults.breaks) node.broken = node.faults.breaks;
      node.upSinceMs = now;
    }
    return node;
  }

  up(node: FakeNode): boolean {
    return this.settled(node).downUntilMs === null;
  }

  private accept(node: FakeNode, call: string): void {
    this.trace.push({ atMs: this.clock.nowMs(), node: node.name, call, boot: node.boot });
  }

  private goDown(node: FakeNode): void {
    const others = this.nodes.filter((other) => other !== node && other.role === "controlplane");
    if (node.role === "controlplane" && others.some((other) => !this.up(other) || other.readsBeforeDown !== null)) {
      this.violations.push(`${node.name} went down while another control plane was down`);
    }
    node.readsBeforeDown = 4;
  }

  private countReading(node: FakeNode): void {
    if (node.readsBeforeDown === null || --node.readsBeforeDown > 0) return;
    node.readsBeforeDown = null;
    node.downUntilMs = node.faults.neverReturns ? Number.POSITIVE_INFINITY : this.clock.nowMs() + downMs;
  }

  open(id: string): NodePort {
    const here = (): FakeNode => {
      const node = this.node(id);
      if (!this.up(node)) throw talosError("unreachable", `${node.name} cannot be reached.`);
      return node;
    };
    const { clock } = this;
    const accept = (node: FakeNode, call: string) => this.accept(node, call);
    return {
      read: async () => {
        const node = here();
        const late = node.faults.forgottenReboots !== undefined && (node.readsBeforeDown ?? 0) > 2;
        const hung = node.faults.hungBoot !== undefined && node.boot > 1;
        const hangs = node.faults.legacy === "installer-hangs" && node.said.length > 0;
        const stage: MachineStage = hung
          ? "booting"
          : hangs
            ? "upgrading"
            : node.readsBeforeDown === null || late
              ? "running"
              : "rebooting";
        this.countReading(node);
        const { version, schematicId, name } = node;
        return {
          version,
          schematicId,
          bootId: `boot-${node.boot}`,
          stage,
          ready: !hung,
          unmetConditions: [],
          nodename: name,
        };
      },
      readHardware: async () => {
        const node = here();
        const { faults, boot } = node;
        if (boot > 1 && (faults.refusedHardware ?? 0) > 0) {
          faults.refusedHardware = (faults.refusedHardware ?? 0) - 1;
          throw talosError("permission-denied", "The node refused.");
        }
        const waits = boot > 1 && faults.hungBoot !== undefined;
        const message = 'Waiting for file "/sys/bus/pci/drivers/nvidia" to exist';
        const waiting = waits ? [{ id: faults.hungBoot ?? "", state: "Waiting", message }] : [];
        return { ...fakeHardware(node, node.broken), waiting };
      },
      async *pull(image, signal): AsyncGenerator<PullFrame> {
        const { faults } = here();
        accept(here(), "pull");
        if ((faults.failedPulls ?? 0) > 0) {
          faults.failedPulls = (faults.failedPulls ?? 0) - 1;
          throw talosError("node-failed", "Pull failed on fake: 502 Bad Gateway.");
        }
        if ((faults.silentPulls ?? 0) > 0) {
          faults.silentPulls = (faults.silentPulls ?? 0) - 1;
          await clock.sleep(1e9, signal);
        }
        const layer = { id: "sha256:aa", status: "downloading" as const, offsetBytes: 0, totalBytes: 100 };
        while (here().faults.stalledPull) {
          yield { kind: "layer", layer };
          await clock.sleep(1_000, signal);
        }
        for (const offsetBytes of [10, 100]) {
          yield { kind: "layer", layer: { ...layer, offsetBytes } };
          await clock.sleep(500, signal);
        }
        for (const endMs = clock.nowMs() + (faults.unpackMs ?? 0); clock.nowMs() < endMs;) {
          yield { kind: "layer", layer: { ...layer, status: "extracting" } };
          await clock.sleep(1_000, signal);
        }
        yield { kind: "pulled", name: image };
      },
      async *install(image, signal): AsyncGenerator<InstallFrame> {
        const node = here();
        if (node.installing) throw talosError("precondition", "Another installation/upgrade is already in progress.");
        accept(node, "install");
        const exit = node.faults.installerExit ?? 0;
        node.installing = { untilMs: clock.nowMs() + installMs, exit, slot: slotOf(image) };
        yield { kind: "line", text: "copying the image" };
        if (node.faults.installerHangs) await clock.sleep(1e9, signal);
        await clock.sleep(installMs + 1, signal);
        here();
        yield { kind: "line", text: "installation of the bootloader complete" };
        yield { kind: "exit", code: exit };
      },
      upgradeLegacy: async (image) => {
        const node = here();
        accept(node, "upgrade");
        await clock.sleep(2_000);
        if (node.faults.installerExit) throw talosError("node-failed", "error validating installer image");
        if (saysLegacy(node) === "installed") node.idleSlot = slotOf(image);
        if (goesDown(node)) this.goDown(node);
      },
      reboot: async () => {
        const node = here();
        if (node.faults.rebootRefused) throw talosError("permission-denied", "The node refused.");
        accept(node, "reboot");
        if ((node.faults.forgottenReboots ?? 0) > 0) {
          node.faults.forgottenReboots = (node.faults.forgottenReboots ?? 0) - 1;
          return;
        }
        this.goDown(node);
        if (node.faults.stuckReboot) node.readsBeforeDown = Number.POSITIVE_INFINITY;
      },
      forfeitEtcdLeadership: async () => accept(here(), "forfeit"),
      async *etcdSnapshot() {
        accept(here(), "snapshot");
        yield new Uint8Array([1, 2, 3]);
      },
      async *sequence(signal, after) {
        const { boot } = here();
        let next = after === null ? here().said.length : Number(after === "" ? 0 : after);
        if (after === null) yield { id: String(next), text: null, sign: null };
        for (; here().boot === boot; await clock.sleep(1_000, signal)) {
          for (; next < here().said.length; next++) {
            const said = here().said[next];
            if (said?.boot === boot) yield { id: String(next + 1), text: said.text, sign: said.sign };
          }
        }
        throw talosError("rolled-stream", "The stream ended.");
      },
      console: async () =>
        here().faults.legacy?.startsWith("installer-fails")
          ? ["phase upgrade (9/13): 1 tasks(s)", "error: failed to write the boot partition: input/output error"]
          : [],
      close: () => undefined,
    };
  }

  kubernetes(): KubernetesPort {
    const find = (name: string) => {
      const node = this.nodes.find((candidate) => candidate.name === name);
      if (!node) throw new AppError("not-found", "No such node.");
      return this.settled(node);
    };
    return {
      node: async (name) => {
        const node = find(name);
        const readyMessage = this.up(node) ? "" : "kubelet stopped posting";
        const { pluginsMs = 0, kubernetes } = node.faults;
        if (node.boot > 1 && kubernetes === "refused")
          throw new AppError("refused", "Kubernetes does not take us.", { hint: "Try again." });
        if (node.boot > 1 && kubernetes === "unavailable") {
          throw new AppError("unavailable", "The Kubernetes API does not answer.");
        }
        if (node.boot > 1 && kubernetes === "no-node") return null;
        const early = node.boot > 1 && this.clock.nowMs() < node.upSinceMs + pluginsMs;
        const allocatableGpus = early ? {} : allocatableOf(node.cards, node.broken);
        return {
          name,
          ready: this.up(node),
          readyMessage,
          unschedulable: node.cordoned,
          cordonedBy: node.cordoned ? node.cordonedBy : null,
          kubeletVersion: "v1.35.0",
          allocatableGpus,
        };
      },
      cordon: async (name, { by, unmarked }) => {
        const node = find(name);
        this.accept(node, "cordon");
        if (node.cordoned && node.cordonedBy === null && !unmarked) return "foreign";
        const before = node.cordoned;
        Object.assign(node, { cordoned: true, cordonedBy: by });
        return before ? "taken-over" : "cordoned";
      },
      uncordon: async (name, { by }) => {
        const node = find(name);
        this.accept(node, "uncordon");
        if (!node.cordoned) return "not-cordoned";
        if (node.cordonedBy !== by && node.cordonedBy !== null) return "foreign";
        Object.assign(node, { cordoned: false, cordonedBy: null });
        if (find(name).faults.restartsAfterProof) this.goDown(find(name));
        return "uncordoned";
      },
      drain: async (name, { timeoutMs, onProgress, signal }) => {
        const blocked = find(name).faults.blockedDrain === true;
        const detail = "PodDisruptionBudget db allows 0 disruptions now: 1 ready, 1 needed.";
        const pods = [
          {
            name: "prod/db-0",
            state: blocked ? ("waiting-budget" as const) : ("gone" as const),
            detail: blocked ? detail : "",
          },
        ];
        const progress = { total: 1, gone: blocked ? 0 : 1, pods };
        await onProgress(progress);
        if (blocked) await this.clock.sleep(timeoutMs, signal);
        return { kind: blocked ? "blocked" : "drained", progress };
      },
      close: () => undefined,
    };
  }
}
