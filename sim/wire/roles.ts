export type Role = "os:admin" | "os:operator" | "os:reader" | "os:etcd:backup";

const everyone: readonly Role[] = ["os:admin", "os:operator", "os:reader"];
const operators: readonly Role[] = ["os:admin", "os:operator"];
const readers = [
  "CPUFreqStats",
  "CPUInfo",
  "Containers",
  "DiskStats",
  "DiskUsage",
  "Dmesg",
  "Events",
  "Hostname",
  "ImageList",
  "List",
  "LoadAvg",
  "Logs",
  "LogsContainers",
  "Memory",
  "Mounts",
  "NetworkDeviceStats",
  "Netstat",
  "Processes",
  "ServiceList",
  "Stats",
  "SystemStat",
  "Version",
];
const operatorCalls = [
  "ImagePull",
  "PacketCapture",
  "Reboot",
  "Shutdown",
  "ServiceStart",
  "ServiceStop",
  "ServiceRestart",
];

/** Roles per method as machined has them (internal/app/machined/pkg/system/services/machined.go); anything else is the admin's. */
const rules = new Map<string, readonly Role[]>([
  ...readers.map((name): [string, readonly Role[]] => [`/machine.MachineService/${name}`, everyone]),
  ...operatorCalls.map((name): [string, readonly Role[]] => [`/machine.MachineService/${name}`, operators]),
  ...["EtcdMemberList", "EtcdStatus", "EtcdAlarmList"].map((name): [string, readonly Role[]] => [
    `/machine.MachineService/${name}`,
    [...everyone, "os:etcd:backup"],
  ]),
  ["/machine.MachineService/EtcdSnapshot", [...operators, "os:etcd:backup"]],
  // A reader may apply a configuration in maintenance mode only; the handler looks.
  ["/machine.MachineService/ApplyConfiguration", ["os:admin", "os:reader"]],
  ["/cluster.ClusterService/HealthCheck", everyone],
  ["/inspect.InspectService/ControllerRuntimeDependencies", everyone],
  ["/storage.StorageService/Disks", everyone],
  ["/time.TimeService/Time", everyone],
  ["/time.TimeService/TimeCheck", everyone],
  ["/machine.ImageService/List", everyone],
  ["/machine.ImageService/Pull", operators],
  ["/cosi.resource.State/Get", everyone],
  ["/cosi.resource.State/List", everyone],
  ["/cosi.resource.State/Watch", everyone],
]);

export const mayCall = (path: string, roles: readonly string[]): boolean =>
  (rules.get(path) ?? ["os:admin"]).some((role) => roles.includes(role));

/** Calls that change a node: those are kept in the fleet's log. */
const reading = new Set([
  ...readers,
  "EtcdMemberList",
  "EtcdStatus",
  "EtcdAlarmList",
  "EtcdSnapshot",
  "Kubeconfig",
  "Read",
  "Copy",
  "PacketCapture",
  "HealthCheck",
  "ControllerRuntimeDependencies",
  "Disks",
  "Time",
  "TimeCheck",
  "Get",
  "Watch",
  "List",
]);
export const mutates = (path: string): boolean => !reading.has(path.slice(path.lastIndexOf("/") + 1));
