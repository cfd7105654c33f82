import { documentType, legacyKind } from "@/lib/machine-config/fields/field-at";
import type { FieldType } from "@/lib/machine-config/fields/field-type";
import { fieldTable, type FieldTable } from "@/lib/machine-config/fields/table";
import type { VersionContract } from "@/lib/machine-config/schema";
import type { Random } from "../random";

/* Documents of any kind, by the table of fields: mostly of the right types, with all that people get wrong. */

const key32 = Buffer.alloc(32, 7).toString("base64");
const words =
  "a eth0 bond0 10.0.0.1 10.0.0.5/24 10.0.0.0/24 0.0.0.0/0 2001:db8::1 fd00::/64 https://a.example:6443 tcp://10.0.0.1:514 udp://a:1 grpc://a:1 oci://a/b 10.0.0.1:53 a.example:6443 x.example/y nftables ipvs RBAC Webhook os:reader v1 json_lines flannel custom NoSchedule v:NoExecute luks2 NET_ADMIN privileged ro STATE EPHEMERAL LOG 30s 1500m a=b /etc/a a_b UPPER -a 100 10GiB".split(
    " ",
  );
const phrases = ["", "a b", "bad label!", "x".repeat(64), "é", key32, "%d", "net%d", "!10.0.0.0/8"];
const expressions = [
  'disk.transport == "nvme"',
  "disk.size > 100u * GB && !system_disk",
  "disk.size > 100",
  'disk.name == "sda"',
  'glob("Samsung*", disk.model)',
  '"/dev/disk/by-id/x" in disk.symlinks',
  'link.driver == "mlx5_core"',
  'mac(link.permanent_addr) == "00:11:22:33:44:55"',
  'volume.partition_label == "x" && disk.rotational',
  "disk.size >",
  "disk.size",
  "has(disk.serial) && disk.serial.startsWith('S')",
  "disk.symlinks.exists(s, s == 'a')",
  "volume_id == 'x'",
  "memory_full_avg10 > 12.0 && time_since_trigger > duration('500ms')",
  "true",
  "disk.dev_path in ['/dev/sda', '/dev/sdb']",
  "disk.io_size == 512u ? true : false",
  "1 == 1u",
  "disk.model.contains('x') || undefined_thing",
];
const samples: Record<string, readonly unknown[]> = {
  Expression: expressions,
  ByteSize: ["10GB", "1.5GiB", "-1GB", "ten", "10%", "1,000", 5],
  Size: ["10GB", "50%", "-5%", "101%", "-1GiB", "big"],
  URL: [
    "https://a.example:6443",
    "http://10.0.0.1",
    "10.0.0.1:6443",
    "tcp://a:1",
    "https://[::1]:1/x",
    "a b://",
    "",
    "https://a:b",
  ],
  Endpoint: ["https://a.example:6443", "10.0.0.1:6443", "https://10.0.0.1", "tcp://10.0.0.1:5140", "a.example:6443"],
  Addr: ["10.0.0.1", "2001:db8::1", "10.0.0", "fe80::1%eth0", "0.0.0.0", "a"],
  Prefix: ["10.0.0.0/24", "10.0.0.1/24", "fd00::/8", "10.0.0.1", "10.0.0.0/33", "0.0.0.0/0", "10.0.0.0/024"],
  AddrPort: ["10.0.0.1:53", "[::1]:53", "10.0.0.1", "::1:53"],
  HardwareAddr: ["00:11:22:33:44:55", "0011", "zz", "001"],
  PortRange: [443, "8000-8100", "1-70000", "443", "a", 70000],
  DiskSize: ["10GB", 0, "x"],
  InstallDiskSizeMatcher: [">= 100GB", "100GB", "about 5", "<= 1TB"],
  Base64Bytes: ["YQ==", "a", ""],
  ArgValue: ["x", ["a", "b"], { a: 1 }, 1],
};

class Maker {
  constructor(
    private readonly random: Random,
    private readonly table: FieldTable,
  ) {}

  value(type: FieldType, depth: number): unknown {
    const { random } = this;
    if (random.chance(0.02)) return random.pick<unknown>([null, "text", ["a"], { a: "b" }, 7, true]);
    switch (type.is) {
      case "string":
        return random.chance(0.85) ? random.pick(words) : random.pick<unknown>([...phrases, 1.5, true]);
      case "bool":
        return random.chance(0.95) ? random.chance(0.5) : random.pick<unknown>(["yes", "true", 1, "off"]);
      case "int":
      case "uint":
      case "float":
        return random.pick<unknown>([
          0,
          1,
          2,
          24,
          64,
          443,
          1500,
          4094,
          9000,
          ...(random.chance(0.1) ? [-1, 70000, 5e9, 1.5, "1"] : []),
        ]);
      case "duration":
        return random.pick<unknown>([
          "1m",
          "30s",
          "1h30m0s",
          "5s",
          0,
          ...(random.chance(0.2) ? ["-1s", 30, "1 m", "soon"] : []),
        ]);
      case "any":
        return random.pick<unknown>([{ a: 1 }, "x", 1, ["b"], { cpu: "1", memory: "1Gi" }]);
      case "bytes":
        return random.pick(["YQ==", "a", key32]);
      case "list":
        return random.list(2, () => this.value(type.of, depth - 1));
      case "map":
        return Object.fromEntries(
          random.list(2, () => [
            random.pick(["a", "b.c", "x.example/y", "bad key", "B_C", "cpu", "x/y/z"]),
            this.value(type.of, depth - 1),
          ]),
        );
      case "struct":
        return this.members(this.table.structs.get(type.name) ?? new Map<string, FieldType>(), depth);
      case "named":
        return this.named(type.name, depth);
    }
  }

  private named(name: string, depth: number): unknown {
    const { random } = this;
    const type = this.table.named.get(name);
    if (type?.words)
      return random.chance(0.93)
        ? random.pick(type.words)
        : random.pick(["nope", type.words[0]?.toUpperCase() ?? "", ""]);
    if (type?.fields && type.fields.size > 0) return this.members(type.fields, depth);
    if (type?.base?.is === "list") return this.value(type.base, depth);
    const known = samples[name.slice(name.lastIndexOf(".") + 1)];
    if (!known) throw new Error(`There are no samples of ${name}.`);
    return random.chance(0.8) ? random.pick(known.slice(0, 2)) : random.pick(known);
  }

  members(fields: ReadonlyMap<string, FieldType>, depth: number): Record<string, unknown> {
    const { random } = this;
    const made: Record<string, unknown> = {};
    if (depth <= 0) return made;
    const odds = fields.size > 12 ? 0.15 : 0.5;
    for (const [key, type] of fields) if (key !== "*" && random.chance(odds)) made[key] = this.value(type, depth - 1);
    if (random.chance(0.01)) made[random.pick(["enable", "sysctls", "kernel", "Interface"])] = true;
    return made;
  }
}

/** A document of a random kind of the release. */
export function anyDocument(random: Random, contract: VersionContract): Record<string, unknown> {
  const table = fieldTable(contract);
  const kinds = [...table.kinds.keys()].filter((kind) => kind !== legacyKind);
  const kind = random.pick(kinds);
  const type = documentType(table, kind);
  const made = type ? (new Maker(random, table).value(type, 6) as Record<string, unknown> | null) : {};
  const members = typeof made === "object" && made !== null && !Array.isArray(made) ? made : {};
  const named = type?.is === "struct" && table.structs.get(type.name)?.has("name") === true;
  const name =
    named && random.chance(0.8)
      ? { name: members.name ?? random.pick(["a", "eth0", "10.0.0.9", "100", "EPHEMERAL"]) }
      : {};
  return { ...members, ...name, apiVersion: "v1alpha1", kind };
}

/** Sections of the v1alpha1 document to put over a generated one; few at a time, so that most are taken. */
export function anySections(
  random: Random,
  contract: VersionContract,
): { machine: Record<string, unknown>; cluster: Record<string, unknown> } {
  const table = fieldTable(contract);
  const maker = new Maker(random, table);
  const some = (struct: string): Record<string, unknown> => {
    const fields = [...(table.structs.get(struct) ?? [])].filter(([key]) => key !== "type");
    return Object.fromEntries(
      random.list(2, () => random.pick(fields)).map(([key, type]) => [key, maker.value(type, 5)]),
    );
  };
  return { machine: some("v1alpha1.MachineConfig"), cluster: some("v1alpha1.ClusterConfig") };
}
