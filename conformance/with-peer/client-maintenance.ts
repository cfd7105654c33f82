import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { generateMachineConfigText } from "@/lib/machine-config/generate";
import { clusterInput } from "@/lib/machine-config/schema";
import { parseSecretsBundle } from "@/lib/machine-config/secrets-bundle";
import { readCertificate } from "@/lib/talos/channel";
import type { TalosClient } from "@/lib/talos/client";
import { resourceDefs } from "@/lib/talos/resources";
import { all, eventually, fails, upTo } from "./checks";
import type { Peer } from "./node";
import { credentialsOf, ready, type Stage } from "./stage";

async function shown({ checks, open }: Stage, peer: Peer): Promise<string> {
  await eventually("maintenance mode", async () => ((await peer.state()).fingerprint === "" ? null : true));
  const { fingerprint } = await peer.state();
  await checks.that("the certificate: it names its mode, its fingerprint is the console's", async () => {
    const certificate = await readCertificate(peer.address);
    equal(certificate.fingerprint, fingerprint);
    equal(certificate.isMaintenance, true);
    equal(certificate.subject, "maintenance-service.talos.dev");
  });
  await checks.that("another fingerprint than the confirmed one: nothing is sent", async () => {
    await peer.forgetCalls();
    const other = Buffer.alloc(32).toString("base64");
    const client = open(peer.address, { kind: "maintenance", fingerprint: other });
    const error = await fails(client.version(), "refused-certificate");
    match(error.message, /not the confirmed/);
    deepEqual(await peer.calls(), []);
  });
  await checks.that("with a talosconfig: its certificate is not trusted", async () => {
    await fails(open(peer.address, credentialsOf(peer.talosconfig)).version(), "refused-certificate");
  });
  return fingerprint;
}

async function reads({ checks }: Stage, client: TalosClient): Promise<void> {
  await checks.that("what anybody may see", async () => {
    const version = await client.version();
    deepEqual([version.tag, version.rbac], ["v1.14.1", null]);
    const { spec } = await client.get(resourceDefs.machineStatus);
    deepEqual([spec.stage, spec.status.ready], ["maintenance", true]);
    ok((await client.serviceList()).some(({ id, state }) => id === "apid" && state === "Running"));
    equal((await client.listResources(resourceDefs.pciDevice)).length, 4);
    equal((await client.listResources(resourceDefs.disk)).length, 1);
    ok((await all(client.dmesg({ follow: false, tail: false }))).length > 3);
    await upTo(
      client.events({ tailEvents: -1 }),
      (event) => event.kind === "task" && event.task === "runningMaintenance",
    );
  });
  await checks.that("what nobody may, and what is not there yet", async () => {
    await fails(client.reboot(), "permission-denied");
    await fails(client.read("/proc/cmdline"), "permission-denied");
    await fails(client.pullImage("registry/image:tag"), "permission-denied");
    await fails(client.upgradeLifecycle("registry/image:tag"), "permission-denied");
    await fails(client.reset({ graceful: false, reboot: true }), "permission-denied");
    await fails(client.get(resourceDefs.machineConfig), "permission-denied");
    await fails(client.get(resourceDefs.machineType), "not-found");
    await fails(client.get(resourceDefs.systemDisk), "not-found");
    await fails(client.etcdStatus(), "unimplemented");
  });
}

async function takesConfig(
  { checks, installer, open, schematic }: Stage,
  peer: Peer,
  pinned: TalosClient,
): Promise<void> {
  const config = generateMachineConfigText({
    bundle: parseSecretsBundle(peer.secrets),
    cluster: clusterInput.parse({ name: "peers", endpoint: "https://127.77.0.14:6443", kubernetesVersion: "v1.36.1" }),
    role: "controlplane",
    contract: "1.14",
    node: {
      hostname: "adopted",
      installDisk: "/dev/nvme0n1",
      installImage: installer(schematic(["siderolabs/gvisor"]).id, "v1.14.1"),
    },
  });
  await checks.that("a config that Talos refuses", () =>
    fails(pinned.applyConfiguration({ config: `${config}\nnonsense: true\n`, mode: "auto" }), "invalid").then(() => {}),
  );
  await checks.that("a dry run: the whole config is new", async () => {
    const answer = await pinned.applyConfiguration({ config, mode: "auto", dryRun: true });
    match(answer.modeDetails, /^\+hostname: adopted$/m);
    equal((await peer.state()).maintenance, true);
  });
  const client = open(peer.address, credentialsOf(peer.talosconfig));
  await checks.that("a config that Ichor made: taken, installed, and the API is the cluster's alone", async () => {
    const before = (await peer.state()).bootId;
    const answer = await pinned.applyConfiguration({ config, mode: "reboot" });
    equal(answer.mode, "no-reboot");
    await eventually("the restart into the disk", async () =>
      (await client.get(resourceDefs.bootId)).spec.bootId === before ? null : true,
    );
    notEqual((await peer.state()).bootId, before);
    await fails(pinned.version(), "refused-certificate");
    equal((await client.get(resourceDefs.hostnameStatus)).spec.hostname, "adopted");
    equal((await client.get(resourceDefs.machineType)).spec.machineType, "controlplane");
    equal((await client.get(resourceDefs.machineConfig)).spec, (await peer.state()).config);
    const entries = await client.listResources(resourceDefs.extensionStatus);
    ok(entries.some(({ spec }) => spec.metadata.name === "gvisor"));
  });
  await checks.that("before the bootstrap: it boots and waits for etcd", async () => {
    const spec = await eventually("its wait", async () => {
      const status = (await client.get(resourceDefs.machineStatus)).spec;
      return status.stage === "booting" && (await client.serviceList()).some(({ id }) => id === "etcd") ? status : null;
    });
    ok(spec.status.unmetConditions.some(({ name, reason }) => name === "services" && /etcd/.test(reason)));
    await fails(client.etcdStatus(), "node-failed");
  });
  await checks.that("the bootstrap: once, and the node is ready", async () => {
    await client.bootstrap();
    await ready(client);
    equal((await client.etcdMemberList()).length, 1);
    await fails(client.bootstrap(), "already-exists");
    await fails(client.etcdForfeitLeadership(), "node-failed", /only one member/);
  });
}

/** A machine without a config, from its first look to its cluster. */
export async function checkMaintenance(stage: Stage): Promise<void> {
  const peer = await stage.start({ address: "127.77.0.14:50000", hostname: "waiting", maintenance: true });
  const fingerprint = await shown(stage, peer);
  const client = stage.open(peer.address, { kind: "maintenance", fingerprint });
  await eventually("its stage", async () =>
    (await client.get(resourceDefs.machineStatus)).spec.stage === "maintenance" ? true : null,
  );
  await reads(stage, client);
  await takesConfig(stage, peer, client);
}
