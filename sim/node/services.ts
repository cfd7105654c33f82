import { ServiceStateEvent, ServiceStateEvent_Action } from "@/lib/talos/gen/machine/events";
import { atLeast } from "../factory/releases";
import { loadedExtensions } from "./publish-extensions";
import { services } from "../resources/kinds/services";
import type { SimNode } from "./node";
import type { ServiceState } from "./service-table";

const actions: Readonly<Record<ServiceState, ServiceStateEvent_Action>> = {
  Initialized: ServiceStateEvent_Action.INITIALIZED,
  Preparing: ServiceStateEvent_Action.PREPARING,
  Waiting: ServiceStateEvent_Action.WAITING,
  Running: ServiceStateEvent_Action.RUNNING,
  Stopping: ServiceStateEvent_Action.STOPPING,
  Finished: ServiceStateEvent_Action.FINISHED,
  Failed: ServiceStateEvent_Action.FAILED,
  Skipped: ServiceStateEvent_Action.SKIPPED,
  Starting: ServiceStateEvent_Action.STARTING,
};

/** Moves a service: its table entry, event, resource, log and kernel log line. */
export function setService(node: SimNode, id: string, state: ServiceState, message: string, healthy?: boolean): void {
  node.services.set(id, state, message, healthy);
  const health = node.services.healthOf(id);
  const payload = ServiceStateEvent.encode({
    service: id,
    action: actions[state],
    message,
    health: health
      ? {
          unknown: health.unknown,
          healthy: health.healthy,
          lastMessage: health.lastMessage,
          lastChange: new Date(health.lastChangeMs),
        }
      : undefined,
  }).finish();
  node.events.publish("ServiceStateEvent", payload, "");
  if (state === "Running")
    node.resources.put(services, id, {
      running: true,
      healthy: healthy ?? false,
      unknown: healthy === undefined,
    });
  else node.resources.remove(services, id);
  node.kmsg(`[talos] service[${id}](${state}): ${message}`, "user", "warning");
}

/** Services with a health check; the others stay at "unknown". */
const checked = new Set([
  "apid",
  "containerd",
  "cri",
  "etcd",
  "kubelet",
  "machined",
  "trustd",
  "udevd",
  "syslogd",
  "auditd",
]);
const early = ["machined", "udevd", "syslogd", "auditd", "containerd", "apid"];

export function startService(node: SimNode, id: string): void {
  setService(node, id, "Running", `Started task ${id} (PID ${1200 + id.length * 37}) for container ${id}`);
  if (checked.has(id)) setService(node, id, "Running", "Health check successful", true);
  const log = node.log(id);
  for (const line of openingLines(id, node)) log.append(line);
}

/** What the CRI waits for before a disk is there, as 1.14 lists it; older releases start it with the boot. */
const criWaits = "Waiting for volumes /var/lib, /var/lib/cni, CRI, /var/run, /var/run/lock, /opt to be mounted";

/** The CRI of a machine whose disk has no Talos yet; an unattended install holds it, too. */
export function holdCri(node: SimNode): void {
  if (!atLeast(node.running.release, "1.14.0") || node.installed) return;
  setService(node, "cri", "Waiting", node.config?.unattended ? `${criWaits}, unattended install` : criWaits);
}

export function startEarlyServices(node: SimNode): void {
  for (const id of early) if (id !== "auditd" || atLeast(node.running.release, "1.10.0")) startService(node, id);
}

export type LateStart = { hung: string | null };

/**
 * Starts the rest. A node with NVIDIA's container toolkit but no live driver hangs here: ext-nvidia-persistenced waits for
 * /sys/bus/pci/drivers/nvidia (siderolabs/extensions nvidia-persistenced.yaml; siderolabs/extensions issue 888).
 */
export function startLateServices(node: SimNode): LateStart {
  if (!node.maintenance) {
    startService(node, "cri");
    if (node.controlPlane) {
      startService(node, "trustd");
      const etcd = node.cluster?.etcd;
      if (etcd?.member(node.name)) {
        etcd.setRunning(node.name, true);
        startService(node, "etcd");
      } else setService(node, "etcd", "Preparing", etcd?.bootstrapped ? "Joining the cluster" : "Running pre state");
    }
    startService(node, "kubelet");
  }
  startService(node, "dashboard");
  return startExtensionServices(node);
}

/** Starts the etcd of a control plane that has waited for one to join. */
export function joinEtcd(node: SimNode): void {
  const etcd = node.cluster?.etcd;
  if (!etcd?.members().some(({ running }) => running) || etcd.member(node.name)) return;
  etcd.join(node.name, node.address);
  startService(node, "etcd");
}

function startExtensionServices(node: SimNode): LateStart {
  const extensions = loadedExtensions(node);
  const toolkit = extensions.some((name) => name.startsWith("nvidia-container-toolkit-"));
  if (!toolkit) return { hung: null };
  if (node.drivers.nvidiaVersion === null) {
    setService(node, "ext-nvidia-persistenced", "Waiting", 'Waiting for file "/sys/bus/pci/drivers/nvidia" to exist');
    return { hung: "ext-nvidia-persistenced" };
  }
  startService(node, "ext-nvidia-persistenced");
  if (atLeast(node.running.release, "1.13.0")) {
    setService(node, "ext-nvidia-cdi-gen", "Finished", "Service finished successfully");
    node.log("ext-nvidia-cdi-gen").append('time="..." level=info msg="Generated CDI spec with version 0.8.0"');
  }
  return { hung: null };
}

/** Runs, or is about to. */
export const isActive = ({ services }: SimNode, id: string): boolean =>
  !["Finished", "Failed", "Skipped"].includes(services.state(id) ?? "Finished");

export function stopServices(node: SimNode, ids: readonly string[]): void {
  for (const id of ids) {
    if (!isActive(node, id)) continue;
    if (node.services.state(id) === "Running")
      setService(node, id, "Stopping", `Sending SIGTERM to Process(["${id}"])`);
    setService(node, id, "Finished", "Service finished successfully");
  }
  if (ids.includes("etcd")) node.cluster?.etcd.setRunning(node.name, false);
}

function openingLines(id: string, node: SimNode): string[] {
  const at = new Date(node.nowMs()).toISOString();
  const known: Readonly<Record<string, string[]>> = {
    kubelet: [
      `{"ts":${node.nowMs()}.1,"caller":"server/server.go:529","msg":"Kubelet version","v":0,"kubeletVersion":"v1.36.2"}`,
      `{"ts":${node.nowMs()}.4,"caller":"kubelet/kubelet_node_status.go:78","msg":"Attempting to register node","v":0,"node":"${node.hostname}"}`,
      `{"ts":${node.nowMs()}.9,"caller":"kubelet/kubelet_node_status.go:81","msg":"Successfully registered node","v":0,"node":"${node.hostname}"}`,
    ],
    etcd: [
      `{"level":"info","ts":"${at}","caller":"etcdmain/etcd.go:73","msg":"Running: ","args":["/usr/local/bin/etcd"]}`,
      `{"level":"info","ts":"${at}","caller":"etcdserver/server.go:2124","msg":"published local member to cluster through raft","local-member-name":"${node.name}"}`,
    ],
    apid: [`${at} starting apid on 0.0.0.0:50000`, `${at} loaded certificate for ${node.hostname}`],
    containerd: [`time="${at}" level=info msg="containerd successfully booted in 0.031s"`],
    cri: [`time="${at}" level=info msg="containerd successfully booted in 0.044s"`],
    "ext-nvidia-persistenced": [
      "nvidia-persistenced: Started",
      `nvidia-persistenced: device ${[...node.drivers.bindings].find(([, driver]) => driver === "nvidia")?.[0] ?? ""} - registered`,
    ],
  };
  return known[id] ?? [`${at} ${id} started`];
}
