import { createTwoFilesPatch } from "diff";
import { atLeast } from "../factory/releases";
import { parseInstallerRef } from "../factory/image-ref";
import { boot } from "./boot";
import { configFacts, InvalidConfig } from "./config-facts";
import { runInstaller } from "./install";
import { cycle, runSequence } from "./power";
import { refreshReadiness } from "./readiness";
import { publishCluster, publishNetwork } from "./publish-network";
import { bindDrivers } from "../hardware/drivers";
import { loadedExtensions, publishRuntime } from "./publish-runtime";
import { installPhases, rebootPhases } from "./sequences";
import { joinCluster } from "../cluster/join";
import type { SimNode } from "./node";

export type ApplyMode = "reboot" | "auto" | "no-reboot" | "staged" | "try";
export type ApplyResult = { mode: ApplyMode; details: string; warnings: string[]; after: (() => Promise<void>) | null };

/** A config that is fine but cannot be applied this way. */
export class ApplyRefused extends Error {
  override readonly name = "ApplyRefused";
  constructor(
    readonly code: "unimplemented" | "failed-precondition" | "invalid-argument",
    message: string,
  ) {
    super(message);
  }
}

const dryRunSummary = (before: string, after: string) =>
  before === after
    ? "No changes."
    : `Config diff:\n\n${createTwoFilesPatch("a", "b", before, after, undefined, undefined, { context: 3 }).split("\n").slice(1).join("\n")}`;

/** What has to reboot before it counts: only the install section and the machine's type are (1.12 and 1.13, mode AUTO). */
function needsReboot(before: string, after: string): boolean {
  const withoutLive = (text: string) =>
    text
      .replace(/^ +image: \S*installer\S*$/m, "")
      .replace(/^ {4}kernel:\n {8}modules:\n(?: {12}- name: \S+\n)+/m, "")
      .replace(/^---\napiVersion: v1alpha1\nkind: [\s\S]*?(?=^---$|$(?![\s\S]))/gm, "");
  return /^ {4}type: (\S+)$/m.exec(withoutLive(before))?.[1] !== /^ {4}type: (\S+)$/m.exec(withoutLive(after))?.[1];
}

/**
 * ApplyConfiguration (Talos v1alpha1_server.go 183-322). Throws InvalidConfig and ApplyRefused; `after` is what happens once the
 * caller has its answer.
 */
export function applyConfiguration(
  node: SimNode,
  text: string,
  mode: ApplyMode,
  options: { dryRun: boolean; tryTimeoutMs: number },
): ApplyResult {
  const facts = configFacts(text);
  const { release } = node.running;
  const modern = atLeast(release, "1.14.0");
  if (!node.maintenance && !facts.hasV1Alpha1)
    throw new InvalidConfig("the applied machine configuration doesn't contain v1alpha1 config");
  if (modern && mode === "reboot" && !node.maintenance)
    throw new ApplyRefused("unimplemented", "apply configuration with reboot mode is not supported anymore");
  if (node.sequence !== null) throw new ApplyRefused("failed-precondition", "another operation is in progress");
  const before = node.disk.config ?? "";
  const effective =
    mode === "auto"
      ? !modern && !node.maintenance && needsReboot(before, text)
        ? "reboot"
        : "no-reboot"
      : mode === "reboot" && node.maintenance
        ? "no-reboot"
        : mode;
  if (options.dryRun)
    return { mode: effective, details: `Dry run summary:\n${dryRunSummary(before, text)}`, warnings: [], after: null };
  if (node.maintenance)
    return {
      mode: modern ? "no-reboot" : "reboot",
      details: "Applied configuration in maintenance mode",
      warnings: [],
      after: () => leaveMaintenance(node, text),
    };
  switch (effective) {
    case "reboot":
      node.disk.config = text;
      return {
        mode: effective,
        details: "Applied configuration with a reboot",
        warnings: [],
        after: () => runSequence(node, "reboot", rebootPhases(release, "default"), "").then(() => cycle(node)),
      };
    case "staged":
      node.stagedConfig = text;
      return {
        mode: effective,
        details: "Staged configuration to be applied after the next reboot",
        warnings: [],
        after: null,
      };
    case "try": {
      const previous = node.disk.config;
      return {
        mode: effective,
        details: `Applied configuration for ${options.tryTimeoutMs / 1000} seconds: will be reverted`,
        warnings: [],
        after: () => tryConfig(node, text, previous, options.tryTimeoutMs),
      };
    }
    case "no-reboot":
      takeConfig(node, text);
      return { mode: "no-reboot", details: "Applied configuration without a reboot", warnings: [], after: null };
  }
}

/** Takes a config live: what controllers follow at once is host name, modules and discovery. */
function takeConfig(node: SimNode, text: string): void {
  node.disk.config = text;
  const live = new Set(node.drivers.modules.map(({ name }) => name));
  const drivers = bindDrivers({
    release: node.running.release,
    pci: node.machine.pci,
    extensions: loadedExtensions(node),
    wantedModules: node.config?.modules ?? [],
  });
  // Modules load when a config asks for them, and stay loaded when it stops asking.
  if (drivers.modules.some(({ name }) => !live.has(name)) || drivers.log.length > node.drivers.log.length) {
    for (const { priority, text: line } of drivers.log) node.kmsg(line, "kern", priority);
    node.drivers = drivers;
  }
  publishRuntime(node);
  publishNetwork(node);
  publishCluster(node);
  refreshReadiness(node);
  node.world.nodeChanged(node);
}

async function tryConfig(node: SimNode, text: string, previous: string | null, timeoutMs: number): Promise<void> {
  takeConfig(node, text);
  await node.wait(timeoutMs);
  if (node.disk.config === text && previous !== null) takeConfig(node, previous);
}

/** A machine in maintenance mode got its config: it installs what the config names, reboots, and joins its cluster. */
async function leaveMaintenance(node: SimNode, text: string): Promise<void> {
  await node.wait(300);
  const facts = configFacts(text);
  const ref = facts.installImage === null ? null : parseInstallerRef(facts.installImage);
  const schematic = ref ? node.world.schematics.get(ref.schematicId) : undefined;
  if (ref && !schematic) {
    node.kmsg(`[talos] install failed: failed to pull image "${facts.installImage}": not found`, "user", "err");
    return boot(node, { instant: false });
  }
  node.setStage("installing", false);
  await runSequence(node, "install", installPhases, "", async (phase) => {
    if (phase.name === "install" && !node.installed) {
      await runInstaller(
        node,
        { release: ref?.tag ?? node.running.release, schematicId: ref?.schematicId ?? node.running.schematicId },
        (event) => {
          if (event.kind === "line") node.kmsg(`[talos] ${event.text}`, "user", "warning");
        },
      );
    }
  });
  await joinCluster(node, text);
  return cycle(node);
}
