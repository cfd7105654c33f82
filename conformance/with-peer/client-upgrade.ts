import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { TalosClient } from "@/lib/talos/client";
import { resourceDefs } from "@/lib/talos/resources";
import { after, all, eventually, fails, upTo } from "./checks";
import type { Peer } from "./node";
import { credentialsOf, nvidiaExtensions, nvidiaModules, ready, restarted, rtx4090, type Stage } from "./stage";

const bootIdOf = async (client: TalosClient) => (await client.get(resourceDefs.bootId)).spec.bootId;
const nothing = "0".repeat(64);

async function pulls({ checks, installer, schematic }: Stage, peer: Peer, client: TalosClient): Promise<string> {
  const { id } = schematic(nvidiaExtensions);
  const image = installer(id, "v1.14.2");
  let pinned = "";
  await checks.that("a pull: every layer from its first byte to its last, then the pinned name", async () => {
    const items = await all(client.pullImage(image));
    const layers = items.flatMap((item) => (item.kind === "layer" ? [item] : []));
    equal(new Set(layers.map((layer) => layer.id)).size, 3);
    for (const layer of new Set(layers.map((item) => item.id))) {
      const steps = layers.filter((item) => item.id === layer);
      deepEqual(
        [...new Set(steps.map(({ status }) => status))],
        ["downloading", "download-complete", "extracting", "extract-complete"],
      );
      equal(steps[0]?.offsetBytes, 0);
      ok(steps.every(({ offsetBytes, totalBytes }) => offsetBytes <= totalBytes && totalBytes > 0));
    }
    const last = items.at(-1);
    ok(last?.kind === "pulled");
    pinned = last.name;
    match(pinned, /^127\.0\.0\.1:\d+\/metal-installer\/[0-9a-f]{64}@sha256:[0-9a-f]{64}$/);
  });
  await checks.that("a pull of what is there says its name alone", async () =>
    deepEqual(await all(client.pullImage(image)), [{ kind: "pulled", name: pinned }]),
  );
  await checks.that("the images that are there, by instance", async () => {
    const names = (await all(client.imageList())).map(({ name }) => name);
    ok(names.includes(image) && names.includes(pinned));
    deepEqual(await all(client.imageList("inmem")), []);
    deepEqual(await all(client.imageList("cri")), []);
  });
  await checks.that("a pull of what nobody has", async () => {
    await fails(client.pullImage(installer(nothing, "v1.14.2")), "not-found", /not found/);
    await fails(client.pullImage(`other.registry/metal-installer/${nothing}:v1.14.2`), "node-failed", /registry/);
    await fails(client.pullImage("nonsense"), "node-failed");
  });
  await checks.that("a pull that stalls is noticed", async () => {
    await peer.setFaults({ stall: ["/machine.ImageService/Pull"] });
    const other = schematic([...nvidiaExtensions, "siderolabs/gvisor"]).id;
    await fails(
      client.pullImage(installer(other, "v1.14.2"), "system", { inactivityMs: 400 }),
      "deadline",
      /sent nothing/,
    );
    await peer.setFaults({});
  });
  return pinned;
}

async function refusals(
  { checks, installer, schematic }: Stage,
  peer: Peer,
  client: TalosClient,
  pinned: string,
): Promise<void> {
  await checks.that("an image that was not pulled, and one under a name that containerd does not have", async () => {
    await fails(client.upgradeLifecycle(installer(nothing, "v1.14.2")), "node-failed", /not found in containerd/);
    await fails(client.upgradeLifecycle(pinned, "inmem"), "node-failed", /not found in containerd/);
    await fails(client.upgradeLifecycle(""), "invalid", /image name/);
  });
  await checks.that("a release that Talos' rules do not let follow: lines that say so, exit code 4", async () => {
    const { id } = schematic([]);
    const [pulled] = (await all(client.pullImage(installer(id, "v1.10.0")))).slice(-1);
    const output = await all(client.upgradeLifecycle(pulled?.kind === "pulled" ? pulled.name : ""));
    deepEqual(output.at(-1), { kind: "exit", code: 4 });
    ok(output.some((item) => item.kind === "line" && /too new to downgrade/.test(item.text)));
  });
  await checks.that("an installer that fails with its own code", async () => {
    await peer.setFaults({ installerExit: 6 });
    deepEqual((await all(client.upgradeLifecycle(pinned))).at(-1), { kind: "exit", code: 6 });
    await peer.setFaults({});
    equal((await peer.state()).slots[1], null);
  });
  await checks.that("a second installer beside the first", async () => {
    const running = client.upgradeLifecycle(pinned);
    await after(
      running,
      ({ kind }) => kind === "line",
      () => fails(client.upgradeLifecycle(pinned), "precondition", /in progress/),
      ({ kind }) => kind === "exit",
    );
  });
  await checks.that("an installer goes on when its listener has left", async () => {
    await upTo(client.upgradeLifecycle(pinned), ({ kind }) => kind === "line");
    await fails(client.upgradeLifecycle(pinned), "precondition", /in progress/);
    await eventually("its end", () =>
      all(client.upgradeLifecycle(pinned)).then(
        (output) => (output.at(-1)?.kind === "exit" ? true : null),
        () => null,
      ),
    );
  });
}

async function upgraded({ checks, schematic }: Stage, peer: Peer, client: TalosClient, pinned: string): Promise<void> {
  const { id } = schematic(nvidiaExtensions);
  await checks.that("an upgrade: lines, exit code 0, and nothing else before the restart", async () => {
    const output = await all(client.upgradeLifecycle(pinned));
    deepEqual(output.at(-1), { kind: "exit", code: 0 });
    const lines = output.flatMap((item) => (item.kind === "line" ? [item.text] : []));
    ok(lines.length >= 5 && lines.every((line) => !line.includes("\n")));
    ok(lines.some((line) => line.includes("↪")));
    equal((await client.get(resourceDefs.machineStatus)).spec.stage, "running");
    equal((await client.version()).tag, "v1.14.1");
  });
  await checks.that("after the restart: release, schematic, extensions, modules, driver, device files", async () => {
    const before = await bootIdOf(client);
    await client.reboot();
    await restarted(client, before);
    equal((await client.version()).tag, "v1.14.2");
    equal((await client.get(resourceDefs.imageFactorySchematic)).spec.schematicId, id);
    const names = (await client.listResources(resourceDefs.extensionStatus)).map(({ spec }) => spec.metadata.name);
    ok(names.includes("nvidia-open-gpu-kernel-modules-production"));
    const modules = (await client.listResources(resourceDefs.kernelModuleStatus)).map((module) => module.id);
    for (const name of nvidiaModules) ok(modules.includes(name), name);
    const bound = await client.list("/sys/bus/pci/drivers/nvidia");
    ok(bound.some(({ relativeName }) => relativeName === rtx4090.address));
    ok((await client.list("/dev")).some(({ relativeName }) => relativeName === "nvidia0"));
    ok((await client.list("/run/cdi")).some(({ relativeName }) => relativeName === "nvidia.yaml"));
    equal((await peer.state()).fallback, -1);
  });
  await checks.that("a rollback boots the other slot again", async () => {
    const before = await bootIdOf(client);
    await client.rollback();
    await restarted(client, before);
    equal((await client.version()).tag, "v1.14.1");
    equal((await client.listResources(resourceDefs.extensionStatus)).length, 1);
  });
  await checks.that("a new image that does not boot: the old one is back by itself", async () => {
    const before = await bootIdOf(client);
    deepEqual((await all(client.upgradeLifecycle(pinned))).at(-1), { kind: "exit", code: 0 });
    await peer.setFaults({ rollback: true });
    await client.reboot();
    await eventually("the fall back", async () => {
      const boot = await bootIdOf(client);
      const { stage } = (await client.get(resourceDefs.machineStatus)).spec;
      const { tag } = await client.version();
      return boot !== before && stage === "running" && tag === "v1.14.1" ? true : null;
    });
    equal((await peer.state()).active, 0);
  });
}

async function chunked(stage: Stage): Promise<void> {
  const { checks, installer, open, schematic, start } = stage;
  const peer = await start({ address: "127.77.0.11:50000", hostname: "chunked", release: "v1.13.9" });
  const client = open(peer.address, credentialsOf(peer.talosconfig));
  await ready(client);
  await checks.that("1.13 sends pieces: whole lines come out", async () => {
    const [pulled] = (await all(client.pullImage(installer(schematic([]).id, "v1.14.1")))).slice(-1);
    const output = await all(client.upgradeLifecycle(pulled?.kind === "pulled" ? pulled.name : ""));
    deepEqual(
      output.map((item) => (item.kind === "line" ? item.text : item.code)),
      [
        "installer of Talos v1.14.1 begins",
        "the host is fit for it",
        "copying the kernel and the initramfs",
        "writing the boot entry ↪ slot",
        "installation of Talos v1.14.1 is complete",
        0,
      ],
    );
  });
  await checks.that("1.13 has no boot ID as a resource; its file has", async () => {
    await fails(client.get(resourceDefs.bootId), "unknown-resource");
    match((await client.read("/proc/sys/kernel/random/boot_id")).toString("utf8"), /^[0-9a-f-]{36}\n$/);
  });
}

/** Images and installers as 1.13 and newer have them. */
export async function checkUpgrade(stage: Stage): Promise<void> {
  const peer = await stage.start({
    address: "127.77.0.10:50000",
    hostname: "upgrade",
    pci: [rtx4090],
    modules: nvidiaModules,
  });
  const client = stage.open(peer.address, credentialsOf(peer.talosconfig));
  await ready(client);
  const pinned = await pulls(stage, peer, client);
  await refusals(stage, peer, client, pinned);
  await upgraded(stage, peer, client, pinned);
  await chunked(stage);
}
