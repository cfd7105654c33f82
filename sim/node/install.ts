import semver from "semver";
import { atLeast } from "../factory/releases";
import type { SimNode, Slot } from "./node";
import { losesPower } from "./power-loss";

export type InstallEvent = { kind: "line"; text: string } | { kind: "exit"; code: number };

/** Talos 1.14's own window (pkg/machinery/compatibility/talos_version.go): older hosts must go through 1.12 first. */
const minimumHost: Readonly<Record<string, string>> = {
  "1.14": "1.12.0",
  "1.13": "1.11.0",
  "1.12": "1.10.0",
  "1.11": "1.9.0",
  "1.10": "1.8.0",
};

function preflight(host: string, target: string): string | null {
  const parsed = semver.coerce(target);
  const minimum = parsed ? minimumHost[`${parsed.major}.${parsed.minor}`] : undefined;
  if (minimum && !atLeast(host, minimum))
    return `host version ${host.slice(1)} is too old to upgrade to Talos ${target.slice(1)}`;
  const hostVersion = semver.coerce(host);
  if (parsed && hostVersion && semver.gte(hostVersion, `${parsed.major}.${parsed.minor + 2}.0`))
    return `host version ${host.slice(1)} is too new to downgrade to Talos ${target.slice(1)}`;
  return null;
}

/** Longer than the moment in which the power goes. */
const untilPowerGoesMs = 60_000;

/**
 * Runs the installer into the slot that is not running. It goes on without anyone listening: `say` may drop what it gets.
 * The return value is the exit code (`constants.go` 1570-1591: 4 = environment, 6 = I/O).
 */
export async function runInstaller(node: SimNode, target: Slot, say: (event: InstallEvent) => void): Promise<number> {
  const line = (text: string) => say({ kind: "line", text });
  const from = node.running;
  const destination = node.installed && node.bootedFrom === "A" ? "B" : "A";
  const finish = (code: number) => {
    say({ kind: "exit", code });
    return code;
  };
  line(`running Talos installer ${target.release}`);
  await node.wait(700);
  const refused = node.installed ? preflight(from.release, target.release) : null;
  if (refused !== null) {
    line(`pre-flight checks failed: ${refused}`);
    return finish(4);
  }
  line("running pre-flight checks");
  line(`host Talos version: ${from.release.slice(1)}`);
  await node.wait(900);
  line("all pre-flight checks successful");
  line(`using bootloader sd-boot, destination ${node.machine.disk.devPath}`);
  await node.wait(1_400);
  const exit = node.faults.get("installer-exit");
  if (exit?.kind === "installer-exit") {
    line(
      `error: failed to write UKI to EFI partition: write /boot/EFI/EFI/Linux/Talos-${target.release}.efi: input/output error`,
    );
    return finish(exit.code);
  }
  for (const [artifact, durationMs] of [
    ["vmlinuz", 2_000],
    ["initramfs.xz", 3_500],
    [`Talos-${target.release}.efi`, 4_500],
    ["systemd-boot", 700],
  ] as const) {
    line(`copying ${artifact} to the boot partition`);
    while (node.faults.has("installer-hangs")) await node.wait(500);
    if (artifact === "initramfs.xz" && losesPower(node, "install")) await node.wait(untilPowerGoesMs);
    await node.wait(durationMs);
  }
  line(`updating boot entry: Talos-${target.release}.efi (slot ${destination})`);
  await node.wait(800);
  node.disk.slots[destination] = { ...target };
  if (destination !== node.bootedFrom) {
    node.disk.fallback = node.bootedFrom;
    node.disk.active = destination;
  }
  line(`installation of ${target.release} complete`);
  return finish(0);
}
