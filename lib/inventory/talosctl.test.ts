import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { talosctlCommands, talosctlNodeFlags, type TalosctlMinor } from "@/lib/talos/talosctl-commands";
import { secretsBundleLine, talosctlLine, type TalosctlRequest } from "./talosctl";

const minors: readonly TalosctlMinor[] = [12, 13, 14];
const root = path.dirname(path.dirname(import.meta.dirname));

/** The words of a line as a POSIX shell splits it. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/(?:'[^']*'|\\'|[^\s'\\])+/g)].map(([word]) => word.replaceAll(/'([^']*)'|\\(')/g, "$1$2"));

/** What talosctl of a release would not take of a line; empty for a good one. */
function problems(line: string, minor: TalosctlMinor): string[] {
  const [program, ...words] = wordsOf(line);
  if (program !== "talosctl") return [`begins with ${program}`];
  const plain: string[] = [];
  const flags: [name: string, value: string | null][] = [];
  const switches = new Set(
    Object.values(talosctlCommands).flatMap((command) =>
      Object.entries(command.flags).flatMap(([name, { takes }]) => (takes === "switch" ? [name] : [])),
    ),
  );
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    const [, name, value] = /^--([a-z-]+)(?:=(.*))?$/.exec(word) ?? [];
    if (name === undefined) plain.push(word);
    else flags.push([name, value ?? (switches.has(name) ? null : (words[++index] ?? ""))]);
  }
  const name = [3, 2, 1].map((length) => plain.slice(0, length).join(" ")).find((key) => talosctlCommands[key]);
  const command = name === undefined ? undefined : talosctlCommands[name];
  if (name === undefined || !command) return [`no command ${plain.join(" ")}`];
  const args = plain.length - name.split(" ").length;
  const found = args < command.args[0] || args > command.args[1] ? [`${name} does not take ${args} words`] : [];
  const known = command.offline ? command.flags : { ...command.flags, ...talosctlNodeFlags };
  for (const [flag, value] of flags) {
    const fact = known[flag];
    if (!fact || (fact.since ?? 12) > minor) found.push(`${name} has no --${flag}`);
    else if (fact.values && !fact.values.includes(value ?? "")) found.push(`--${flag} does not take ${value}`);
    else if (fact.takes === "duration" && !/^\d+[hms]$/.test(value ?? "")) found.push(`--${flag}: ${value}`);
    else if (fact.takes === "switch" && value !== null && !/^(?:true|false)$/.test(value))
      found.push(`--${flag}=${value}`);
  }
  return found;
}

const image =
  "factory.talos.dev/metal-installer/376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba:v1.14.0";

/** Every kind of line in each of its forms; a new kind does not compile without one here. */
const requests: { [Do in TalosctlRequest["do"]]: readonly Extract<TalosctlRequest, { do: Do }>[] } = {
  reboot: (["default", "powercycle", "force"] as const).map((mode) => ({ do: "reboot", mode })),
  shutdown: [true, false].map((force) => ({ do: "shutdown", force })),
  reset: (["all", "system-disk", "user-disks"] as const).map((wipe) => ({
    do: "reset",
    graceful: wipe !== "all",
    reboot: true,
    wipe,
  })),
  rollback: [{ do: "rollback" }],
  bootstrap: [{ do: "bootstrap" }],
  "restart-service": [{ do: "restart-service", service: "ext-nvidia-persistenced" }],
  "apply-config": (["auto", "no-reboot", "staged", "try"] as const).flatMap((mode) =>
    [null, "ab="].map((fingerprint) => ({ do: "apply-config", mode, dryRun: fingerprint === null, fingerprint })),
  ),
  "get-config": [{ do: "get-config" }],
  logs: [true, false].map((follow) => ({ do: "logs", service: "kubelet", follow })),
  dmesg: [true, false].map((follow) => ({ do: "dmesg", follow })),
  kubeconfig: [{ do: "kubeconfig" }],
  "etcd-snapshot": [{ do: "etcd-snapshot", file: "cp-1.snapshot" }],
  talosconfig: [{ do: "talosconfig", role: "os:reader", hours: "24", file: "talosconfig-home.yaml" }],
  "pull-installer": [{ do: "pull-installer", image }],
  upgrade: [{ do: "upgrade", image, drain: null }],
};

test.each(Object.entries(requests))("talosctl of 1.12 to 1.14 takes every line of kind %s", (_kind, kinds) => {
  expect(kinds.length).toBeGreaterThan(0);
  for (const request of kinds)
    for (const address of ["10.0.0.5:50000", "10.0.0.5:50001", "[fd00::5]:50000", "[fd00::5]:6000", "cp-1.lan"])
      for (const minor of minors) expect(problems(talosctlLine(request, address), minor)).toEqual([]);
});

test("the words on draining are of 1.13 and newer: the newer upgrade is the only one that has them", () => {
  for (const drain of [{ skip: true as const }, { skip: false as const, timeoutMs: 600_000 }]) {
    const line = talosctlLine({ do: "upgrade", image, drain }, "10.0.0.5");
    expect(minors.map((minor) => problems(line, minor).length)).toEqual([1, 0, 0]);
  }
  const line = talosctlLine({ do: "upgrade", image, drain: { skip: false, timeoutMs: 600_000 } }, "10.0.0.5");
  expect(line).toContain("--drain-timeout 600s");
});

test("the table itself refuses what no release takes", () => {
  expect(problems("talosctl --nodes a upgrade --image x --drian=false", 14)).toEqual(["upgrade has no --drian"]);
  expect(problems("talosctl --nodes a upgrade now --image x", 14)).toEqual(["upgrade does not take 1 words"]);
  expect(problems("talosctl --nodes a image pull x --namespace k8s", 14)).toEqual(["--namespace does not take k8s"]);
  expect(problems("talosctl --nodes a gen secrets", 14)).toEqual(["gen secrets has no --nodes"]);
  expect(problems("talosctl --nodes a upgrade --image x --drain-timeout 300000", 14)).toHaveLength(1);
  expect(minors.flatMap((minor) => problems(secretsBundleLine, minor))).toEqual([]);
});

test.each([
  ["10.0.0.5:50000", "--nodes 10.0.0.5 rollback"],
  ["10.0.0.5:50001", "--endpoints 10.0.0.5:50001 --nodes 10.0.0.5 rollback"],
  ["[fd00::5]:50000", "--nodes fd00::5 rollback"],
  ["fd00::5", "--nodes fd00::5 rollback"],
  ["[fd00::5]:50001", "--endpoints '[fd00::5]:50001' --nodes fd00::5 rollback"],
  ["cp-1.lan:50000", "--nodes cp-1.lan rollback"],
])("a node at %s is named as talosctl wants it", (address, words) => {
  expect(talosctlLine({ do: "rollback" }, address)).toBe(`talosctl ${words}`);
});

test("a machine in maintenance mode is dialled itself, its port with it", () => {
  const request = { do: "apply-config", mode: "auto", dryRun: false, fingerprint: "ab=" } as const;
  expect(talosctlLine(request, "10.0.0.5:50001")).toContain("talosctl --nodes 10.0.0.5:50001 apply-config --insecure");
  expect(talosctlLine(request, "[fd00::5]:50000")).toContain("talosctl --nodes fd00::5 apply-config --insecure");
});

test("an installer is pulled where the upgrade looks for it", () => {
  expect(talosctlLine({ do: "pull-installer", image }, "10.0.0.5")).toMatch(/ --namespace system$/);
});

const sources = ["app", "components", "lib"].flatMap((folder) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file) && !/\.test\.|(?:^|\/)gen\//.test(file))
    .map((file) => path.join(folder, file)),
);

/** First words of commands: what follows them in a sentence is a command, too. */
const groups = new Set(Object.keys(talosctlCommands).map((name) => name.split(" ")[0]));

test("lines are built in one place, and commands in sentences are talosctl's", () => {
  for (const file of sources) {
    const source = readFileSync(path.join(root, file), "utf8").replaceAll(/^\s*(?:\/?\*|\/\/).*$/gm, "");
    if (file !== "lib/inventory/talosctl.ts")
      expect(source, `${file} builds a line of its own`).not.toMatch(/["'`]talosctl(?:["'`]| --)/);
    for (const [, words = ""] of source.matchAll(/\btalosctl ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*){0,2})/g)) {
      const parts = words.split(" ");
      if (!groups.has(parts[0] ?? "")) continue;
      const named = [3, 2, 1].some((length) => talosctlCommands[parts.slice(0, length).join(" ")]);
      expect(named, `${file}: talosctl ${words}`).toBe(true);
    }
  }
});
