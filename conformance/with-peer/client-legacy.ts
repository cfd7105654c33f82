import { deepEqual, equal, match, ok } from "node:assert/strict";
import { absentAsNull } from "@/lib/talos/errors";
import { capabilitiesOf } from "@/lib/talos/capabilities";
import type { TalosClient } from "@/lib/talos/client";
import type { TalosEvent } from "@/lib/talos/events";
import { resourceDefs, type ResourceName } from "@/lib/talos/resources";
import { eventually, fails } from "./checks";
import type { Peer } from "./node";
import { anyDef, credentialsOf, ready, resourceNames, type Stage } from "./stage";

const since14: ResourceName[] = [
  "bootId",
  "imageFactorySchematic",
  "kernelModuleStatus",
  "kubeletStatus",
  "unattendedInstallStatus",
];

async function absent({ checks }: Stage, client: TalosClient): Promise<void> {
  await checks.that("1.12: resources that came later are unknown", async () => {
    for (const name of since14) {
      await fails(client.listResources(anyDef(name)), "unknown-resource", /not supported/);
      equal(await absentAsNull(client.get(anyDef(name), "any")), null);
    }
    for (const name of resourceNames) if (!since14.includes(name)) await client.listResources(anyDef(name));
  });
  await checks.that("1.12: calls that came later are unimplemented", async () => {
    await fails(client.pullImage("registry/image:tag"), "unimplemented");
    await fails(client.imageList(), "unimplemented");
    await fails(client.upgradeLifecycle("registry/image:tag"), "unimplemented");
  });
  await checks.that("1.12: what Ichor believes of it is so", async () => {
    const { tag } = await client.version();
    const can = capabilitiesOf(tag);
    deepEqual(
      [can.lifecycle, can.imagePull, can.bootId, can.loadedKernelModules, can.bootedEntry],
      [false, false, false, true, true],
    );
  });
}

async function upgrades({ checks, installer, schematic }: Stage, peer: Peer, client: TalosClient): Promise<void> {
  const { id } = schematic(["siderolabs/gvisor"]);
  await checks.that("the one call: an image that cannot be had", () =>
    fails(
      client.upgradeLegacy({ image: installer("0".repeat(64), "v1.13.9") }),
      "node-failed",
      /error validating installer image/,
    ).then(() => {}),
  );
  await checks.that("the one call: it drains, installs and restarts by itself, and says so", async () => {
    const before = (await peer.state()).bootId;
    const events: TalosEvent[] = [];
    let accepted = { ack: "", actorId: "" };
    const followed = (async () => {
      for await (const event of client.events()) {
        events.push(event);
        if (event.kind === "hello") accepted = await client.upgradeLegacy({ image: installer(id, "v1.13.9") });
      }
    })().catch(() => undefined);
    await followed;
    equal(accepted.ack, "The upgrade begins");
    const own = events.filter(({ actorId }) => actorId !== "" && actorId === accepted.actorId);
    const phases = own.flatMap((event) => (event.kind === "phase" && event.action === "start" ? [event.phase] : []));
    deepEqual(phases.slice(0, 3), ["drain", "cleanup", "dbus"]);
    ok(phases.includes("upgrade") && phases.at(-1) === "stopEverything");
    const stages = events.flatMap((event) => (event.kind === "machine-status" ? [event.stage] : []));
    ok(stages.includes("upgrading"));
    await eventually("the restart", async () => ((await client.version()).tag === "v1.13.9" ? true : null));
    await ready(client);
    ok((await peer.state()).bootId !== before);
    const entries = await client.listResources(resourceDefs.extensionStatus);
    equal(entries.find(({ spec }) => spec.metadata.name === "schematic")?.spec.metadata.version, id);
  });
  await checks.that("after it, the node has what its new release has", async () => {
    match((await client.version()).tag, /^v1\.13/);
    await fails(client.pullImage("nonsense"), "node-failed");
  });
}

async function maintenance({ checks, open, start }: Stage): Promise<void> {
  const peer = await start({
    address: "127.77.0.13:50000",
    hostname: "old-new",
    release: "v1.12.11",
    maintenance: true,
  });
  await eventually("maintenance mode", async () => ((await peer.state()).fingerprint === "" ? null : true));
  const { fingerprint } = await peer.state();
  const client = open(peer.address, { kind: "maintenance", fingerprint });
  await checks.that("1.12 in maintenance mode: resources, and hardly any call", async () => {
    await eventually("its stage", async () =>
      (await client.get(resourceDefs.machineStatus)).spec.stage === "maintenance" ? true : null,
    );
    equal((await client.listResources(resourceDefs.pciDevice)).length, 4);
    await fails(client.version(), "unimplemented", /maintenance mode/);
    await fails(client.serviceList(), "unimplemented");
    await fails(client.reboot(), "unimplemented");
  });
}

/** Talos 1.12: what it does not have, and the one call that upgrades it. */
export async function checkLegacy(stage: Stage): Promise<void> {
  const peer = await stage.start({ address: "127.77.0.12:50000", hostname: "legacy", release: "v1.12.11" });
  const client = stage.open(peer.address, credentialsOf(peer.talosconfig));
  await ready(client);
  await absent(stage, client);
  await upgrades(stage, peer, client);
  await maintenance(stage);
}
