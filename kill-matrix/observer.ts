import type { Fleet } from "@/sim/fleet";
import type { RpcLogEntry } from "@/sim/world";

/** A call that a node took, and the boot that it came in. */
export type SeenCall = { node: string; method: string; bootId: string };

const methodName = (method: string) => method.split("/").at(-1) ?? "";
const installs = (call: SeenCall) => /(?:LifecycleService|MachineService)\/Upgrade$/.test(call.method);
const reboots = (call: SeenCall) => methodName(call.method) === "Reboot";

/** Watches the simulated nodes from their own side: every mutating call, every boot, and who is down at once. */
export class Observer {
  readonly calls: SeenCall[] = [];
  private readonly boots = new Map<string, number>();
  private readonly together: string[] = [];
  private onCall: (call: SeenCall) => void = () => undefined;

  constructor(private readonly fleet: Fleet) {
    const { world } = fleet;
    const planes = [...world.nodes.values()].filter(({ controlPlane }) => controlPlane);
    for (const node of world.nodes.values()) {
      node.onPower((power) => {
        if (power === "starting") this.boots.set(node.name, (this.boots.get(node.name) ?? 0) + 1);
        const down = planes.filter((plane) => plane.power !== "up").map(({ name }) => name);
        if (down.length > 1) this.together.push(`control planes down at once: ${down.join(", ")}`);
      });
    }
    const { rpcLog } = world;
    const push = rpcLog.push.bind(rpcLog);
    rpcLog.push = (...entries: RpcLogEntry[]) => {
      for (const { node, method, ok } of entries) {
        if (!ok) continue;
        const call = { node, method, bootId: world.nodes.get(node)?.bootId ?? "" };
        this.calls.push(call);
        this.onCall(call);
      }
      return push(...entries);
    };
  }

  /** Calls `then` at the next call of the kind, in the moment in which the node takes it; once. */
  atNext(kind: RegExp, then: () => void): void {
    this.onCall = (call) => {
      if (!kind.test(call.method)) return;
      this.onCall = () => undefined;
      then();
    };
  }

  /** Calls `then` when Kubernetes next holds a node that was not cordoned before as cordoned; once. @returns how to stop */
  atNextCordon(then: () => void): () => void {
    const cordoned = () =>
      [...this.fleet.world.nodes.values()].filter((node) => this.fleet.world.kubernetesNode(node)?.unschedulable)
        .length;
    let before = cordoned();
    const timer = setInterval(() => {
      const now = cordoned();
      const more = now > before;
      before = now;
      if (!more) return;
      clearInterval(timer);
      then();
    }, 1);
    return () => clearInterval(timer);
  }

  /** What the nodes saw that must never happen, in sentences. */
  violations(target: string): string[] {
    const found = [...new Set(this.together)];
    for (const { name } of this.fleet.nodes) {
      const mine = this.calls.filter(({ node }) => node === name);
      const boots = this.boots.get(name) ?? 0;
      if (boots !== 1) found.push(`${name}: restarted ${boots} times`);
      const places = new Set(mine.filter(installs).map(({ bootId }) => bootId));
      if (places.size !== 1) found.push(`${name}: installed in ${places.size} boots`);
      // One whose end nobody saw may be asked for once more per kill; it must be in the same boot.
      if (mine.filter(reboots).length > 1) found.push(`${name}: ${mine.filter(reboots).length} reboots were accepted`);
      const node = this.fleet.world.nodes.get(name);
      if (node && this.fleet.world.kubernetesNode(node)?.unschedulable) found.push(`${name}: left cordoned`);
      const release = node?.running.release;
      if (release !== target) found.push(`${name}: ends on ${release}, not ${target}`);
    }
    return found;
  }

  count(kind: "install" | "reboot"): number {
    return this.calls.filter(kind === "install" ? installs : reboots).length;
  }
}
