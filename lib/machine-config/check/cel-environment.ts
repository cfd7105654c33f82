import type { CelEnvironment, CelType } from "@/lib/machine-config/check/cel-type";

/* What Talos' expressions know (pkg/machinery/cel/celenv, api/resource/definitions: the fields of the messages). */

const typed = (type: CelType, names: string): [string, CelType][] => names.split(" ").map((name) => [name, type]);
const texts: CelType = { is: "list", of: { is: "string" } };
const string: CelType = { is: "string" };
const uint: CelType = { is: "uint" };
const int: CelType = { is: "int" };
const bool: CelType = { is: "bool" };
const double: CelType = { is: "double" };
const bytes: CelType = { is: "bytes" };
const dyn: CelType = { is: "dyn" };

const disk: CelType = {
  is: "object",
  name: "disk",
  fields: new Map([
    ...typed(uint, "size io_size sector_size"),
    ...typed(bool, "readonly rotational cdrom"),
    ...typed(
      string,
      "dev_path model serial modalias wwid uuid bus_path sub_system transport pretty_size firmware_version",
    ),
    ...typed(texts, "secondary_disks symlinks"),
  ]),
  since: new Map([["firmware_version", "1.14"]]),
};

const volume: CelType = {
  is: "object",
  name: "volume",
  fields: new Map([
    ...typed(uint, "size sector_size io_size block_size filesystem_block_size probed_size partition_index offset"),
    ...typed(
      string,
      "name uuid label partition_uuid partition_type partition_label type device_path parent dev_path parent_dev_path pretty_size",
    ),
  ]),
  since: new Map(),
};

const link: CelType = {
  is: "object",
  name: "link",
  fields: new Map([
    ...typed(uint, "index link_index flags mtu master_index"),
    ...typed(int, "type operational_state speed_megabits port duplex"),
    ...typed(bool, "link_state"),
    ...typed(bytes, "hardware_addr broadcast_addr permanent_addr"),
    ...typed(
      string,
      "queue_disc kind slave_kind bus_path pciid driver driver_version firmware_version product_id vendor_id product vendor alias",
    ),
    ...typed(texts, "alt_names"),
    ...typed(dyn, "vlan bridge_master bond_master wireguard vrf_master veth"),
  ]),
  since: new Map([
    ["vrf_master", "1.13"],
    ["veth", "1.14"],
  ]),
};

const units = typed(uint, "KiB MiB GiB TiB PiB EiB kB MB GB TB PB EB");
const glob = { name: "glob", args: [string, string], gives: bool };
const classes = typed(int, "Besteffort Burstable Guaranteed Podruntime System");

const pressure = ["some", "full"].flatMap((kind) =>
  ["avg10", "avg60", "avg300", "total"].map((span) => `memory_${kind}_${span}`),
);
const perClass: CelType = { is: "map", key: int, of: double };
const classFields = [
  ...pressure.map((name) => `qos_${name}`),
  "qos_memory_current",
  "qos_memory_peak",
  "qos_memory_max",
];
const optionalUint: CelType = { is: "optional", of: uint };

export const celEnvironments = {
  disk: { names: new Map<string, CelType>([["disk", disk], ["system_disk", bool], ...units]), functions: [glob] },
  volume: { names: new Map<string, CelType>([["volume", volume], ["disk", disk], ...units]), functions: [] },
  member: {
    names: new Map<string, CelType>([
      ["volume", volume],
      ["disk", disk],
      ["volume_id", string],
      ["system_disk", bool],
      ...units,
    ]),
    functions: [glob],
  },
  link: {
    names: new Map<string, CelType>([["link", link]]),
    functions: [glob, { name: "mac", args: [bytes], gives: string }],
  },
  "oom-trigger": {
    names: new Map<string, CelType>([
      ...pressure.flatMap((name) => typed(double, `${name} d_${name}`)),
      ...classFields.flatMap((name) => typed(perClass, `${name} d_${name}`)),
      ["time_since_trigger", { is: "duration" }],
      ...units,
      ...classes,
    ]),
    functions: [{ name: "multiply_qos_vectors", args: [dyn, dyn], gives: double }],
  },
  "oom-score": {
    names: new Map<string, CelType>([
      ...["memory_max", "memory_current", "memory_peak"].map((name): [string, CelType] => [name, optionalUint]),
      ["path", string],
      ["class", int],
      ...units,
      ...classes,
    ]),
    functions: [],
  },
} as const satisfies Record<string, CelEnvironment>;
export type CelEnvironmentName = keyof typeof celEnvironments;
