import { deepEqual, equal, match, ok } from "node:assert/strict";
import { resourceDefs } from "@/lib/talos/resources";
import { fails } from "./checks";
import type { Peer } from "./node";
import { relayTo } from "./relay";
import { credentialsOf, identityOf, ready, type Stage } from "./stage";

const hour = 3600;

async function certificates({ checks, open }: Stage, peer: Peer): Promise<void> {
  const good = credentialsOf(peer.talosconfig);
  const withIdentity = async (wanted: Parameters<Peer["certificate"]>[0]) =>
    open(peer.address, identityOf(await peer.certificate(wanted)));
  await checks.that("a certificate by another authority", async () => {
    const client = await withIdentity({ roles: ["os:admin"], untilSeconds: hour, stranger: true });
    const error = await fails(client.version(), "refused-certificate");
    match(error.message, /refused our certificate/);
  });
  await checks.that("a certificate that has expired", async () => {
    const client = await withIdentity({ roles: ["os:admin"], fromSeconds: -2 * hour, untilSeconds: -hour });
    const error = await fails(client.version(), "certificate-expired");
    ok(error.clocks !== null && error.clocks.notAfterMs < error.clocks.oursMs);
  });
  await checks.that("a certificate that is for servers, too", async () => {
    const client = await withIdentity({ roles: ["os:admin"], untilSeconds: hour, alsoServer: true });
    await fails(client.version(), "refused-certificate");
  });
  await checks.that("a certificate that names no role", async () => {
    const client = await withIdentity({ roles: [], untilSeconds: hour });
    await fails(client.version(), "permission-denied", /not authorized/);
  });
  await checks.that("a node of another cluster", async () => {
    const stranger = await peer.certificate({ roles: ["os:admin"], untilSeconds: hour, stranger: true });
    const client = open(peer.address, { ...good, caPem: stranger.crt });
    const error = await fails(client.version(), "refused-certificate");
    match(error.message, /is not trusted/);
  });
  await checks.that("no certificate where one is asked for", async () => {
    const error = await fails(
      open(peer.address, { kind: "maintenance", fingerprint: null }).version(),
      "refused-certificate",
    );
    match(error.message, /not in maintenance mode/);
  });
  await checks.that("an address that the node's certificate does not name", async () => {
    const relay = await relayTo(peer.address, "127.77.0.200");
    try {
      await fails(open(relay.address, good).version(), "wrong-name", /ALTNAME|altnames/);
    } finally {
      await relay.stop();
    }
  });
  await checks.that("nobody at the address", () =>
    fails(open("127.77.0.254:50000", good).version(), "unreachable").then(() => {}),
  );
}

const readerRefusals = [
  ["reboot", "operator"],
  ["shutdown", "operator"],
  ["rollback", "admin"],
  ["bootstrap", "admin"],
] as const;

async function roles({ checks, open }: Stage, peer: Peer): Promise<void> {
  const reader = open(peer.address, credentialsOf(peer.readerTalosconfig));
  const operatorIdentity = identityOf(await peer.certificate({ roles: ["os:operator"], untilSeconds: hour }));
  const operator = open(peer.address, operatorIdentity);
  await checks.that("what a reader may not", async () => {
    for (const [call] of readerRefusals) await fails(reader[call](), "permission-denied", /not authorized/);
    await fails(reader.reset({ graceful: false, reboot: true }), "permission-denied");
    await fails(reader.read("/proc/cmdline"), "permission-denied");
    await fails(reader.kubeconfig(), "permission-denied");
    await fails(reader.generateClientConfiguration({ roles: ["os:admin"], ttlMs: 1000 }), "permission-denied");
    await fails(reader.pullImage("registry/image:tag"), "permission-denied");
    await fails(reader.upgradeLifecycle("registry/image:tag"), "permission-denied");
    await fails(reader.upgradeLegacy({ image: "registry/image:tag" }), "permission-denied");
    await fails(reader.etcdSnapshot(), "permission-denied");
    await fails(reader.etcdForfeitLeadership(), "permission-denied");
    await fails(reader.serviceRestart("kubelet"), "permission-denied");
  });
  await checks.that("what an operator may, and may not", async () => {
    match(await operator.serviceRestart("kubelet"), /restarted/);
    await fails(operator.pullImage("registry/image:tag"), "node-failed");
    await fails(operator.read("/proc/cmdline"), "permission-denied");
    await fails(operator.rollback(), "permission-denied");
  });
  await checks.that("the role for backups of etcd, and nothing else", async () => {
    const identity = identityOf(await peer.certificate({ roles: ["os:etcd:backup"], untilSeconds: hour }));
    const backup = open(peer.address, identity);
    equal((await backup.etcdMemberList()).length, 1);
    await fails(backup.version(), "permission-denied");
  });
  await checks.that("the node wrote down who asked for what", async () => {
    const refused = (await peer.calls()).filter(({ allowed }) => !allowed);
    const rebooted = refused.find(({ method }) => method === "/machine.MachineService/Reboot");
    deepEqual(rebooted?.roles, ["os:reader"]);
  });
}

async function forwarding(stage: Stage, control: Peer): Promise<void> {
  const { checks, open, start } = stage;
  const worker = await start({
    address: "127.77.0.6:50000",
    hostname: "access-worker",
    role: "worker",
    secrets: control.secrets,
    kubernetes: "https://127.77.0.5:6443",
  });
  const good = credentialsOf(control.talosconfig);
  const around = open(control.address, good, "127.77.0.6");
  await ready(around);
  await checks.that("through a control plane: calls, streams and failures as if dialled", async () => {
    equal((await around.get(resourceDefs.machineType)).spec.machineType, "worker");
    equal((await around.listResources(resourceDefs.volumeStatus)).length, 4);
    ok((await around.serviceList()).every(({ id }) => id !== "etcd"));
    await fails(around.get(resourceDefs.service, "nothing"), "not-found");
    await fails(around.read("/etc/nothing"), "not-found");
  });
  await checks.that("through a control plane: the caller's role goes along", async () => {
    const reader = open(control.address, credentialsOf(control.readerTalosconfig), "127.77.0.6");
    equal((await reader.version()).tag, "v1.14.1");
    await fails(reader.reboot(), "permission-denied");
    await fails(reader.get(resourceDefs.machineConfig), "permission-denied");
  });
  await checks.that("through a control plane: a node that nobody knows", () =>
    fails(open(control.address, good, "127.77.0.254").version({ deadlineMs: 5_000 }), "unreachable").then(() => {}),
  );
  await checks.that("a worker passes nothing on, but is itself", async () => {
    await fails(open(worker.address, good, "127.77.0.5").version(), "permission-denied", /no request forwarding/);
    equal((await open(worker.address, good, "127.77.0.6").version()).tag, "v1.14.1");
  });
  await checks.that("what only control planes have, asked of a worker", async () => {
    const client = open(worker.address, good);
    for (const call of ["etcdMemberList", "etcdStatus", "etcdAlarmList", "kubeconfig"] as const)
      await fails(client[call](), "unimplemented");
    await fails(client.bootstrap(), "unimplemented");
    await fails(client.generateClientConfiguration({ roles: ["os:reader"], ttlMs: 1000 }), "unimplemented");
    await fails(client.etcdSnapshot(), "unimplemented");
  });
}

/** Who gets in, as what, and by which way. */
export async function checkAccess(stage: Stage): Promise<void> {
  const peer = await stage.start({ address: "127.77.0.5:50000", hostname: "access" });
  await ready(stage.open(peer.address, credentialsOf(peer.talosconfig)));
  await certificates(stage, peer);
  await roles(stage, peer);
  await forwarding(stage, peer);
}
