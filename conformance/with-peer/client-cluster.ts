import { createHash } from "node:crypto";
import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { parseKubeconfig } from "@/lib/kubernetes/kubeconfig";
import { rolesOf, readPemCertificate } from "@/lib/talos/certificate-fit";
import type { TalosClient } from "@/lib/talos/client";
import { parseTalosconfig } from "@/lib/talos/talosconfig";
import { all, fails } from "./checks";
import type { Peer } from "./node";
import { credentialsOf, ready, type Stage } from "./stage";

async function credentials({ checks, open }: Stage, peer: Peer, client: TalosClient): Promise<void> {
  await checks.that("kubeconfig: unpacked from an archive that is never closed", async () => {
    // Its certificate is another each time, and with it its length.
    for (let times = 0; times < 10; times += 1) {
      const parsed = parseKubeconfig(await client.kubeconfig());
      equal(parsed.server, "https://127.77.0.7:6443");
      ok(parsed.certificatePem?.includes("BEGIN CERTIFICATE") && parsed.keyPem?.includes("PRIVATE KEY"));
    }
  });
  await checks.that("a client certificate of a role, for a time", async () => {
    const made = await client.generateClientConfiguration({ roles: ["os:reader"], ttlMs: 3_600_000 });
    const { caPem, certPem, keyPem } = made;
    const certificate = readPemCertificate(certPem, "the new certificate");
    deepEqual(rolesOf(certificate), ["os:reader"]);
    ok(Math.abs(Date.parse(certificate.validTo) - Date.now() - 3_600_000) < 60_000);
    const reader = open(peer.address, { kind: "mtls", caPem, certPem, keyPem });
    equal((await reader.version()).tag, "v1.14.1");
    await fails(reader.reboot(), "permission-denied");
    const { context, contexts } = parseTalosconfig(made.talosconfig);
    equal(context, "reader@cluster");
    deepEqual(contexts[0]?.identity.roles, ["os:reader"]);
    deepEqual(contexts[0]?.endpoints, []);
  });
  await checks.that("a client certificate without a time", () =>
    fails(client.generateClientConfiguration({ roles: ["os:reader"], ttlMs: 0 }), "invalid", /crt_ttl/).then(() => {}),
  );
}

async function etcd({ checks }: Stage, client: TalosClient): Promise<void> {
  await checks.that("etcd: members, this one among them", async () => {
    const members = await client.etcdMemberList();
    deepEqual(
      members.map(({ hostname, peerUrls, clientUrls, learner }) => ({ hostname, peerUrls, clientUrls, learner })),
      [
        {
          hostname: "cluster",
          peerUrls: ["https://127.77.0.7:2380"],
          clientUrls: ["https://127.77.0.7:2379"],
          learner: false,
        },
        {
          hostname: "other-1",
          peerUrls: ["https://127.77.0.251:2380"],
          clientUrls: ["https://127.77.0.251:2379"],
          learner: false,
        },
        {
          hostname: "other-2",
          peerUrls: ["https://127.77.0.252:2380"],
          clientUrls: ["https://127.77.0.252:2379"],
          learner: false,
        },
      ],
    );
    deepEqual(await client.etcdMemberList({ local: true }), members);
    ok(members.every(({ id }) => /^[0-9a-f]{16}$/.test(id)));
  });
  await checks.that("etcd: status, with its leader", async () => {
    const status = await client.etcdStatus();
    const members = await client.etcdMemberList();
    equal(status.memberId, members[0]?.id);
    equal(status.leaderId, members[0]?.id);
    deepEqual(
      [status.leader, status.learner, status.storageVersion, status.protocolVersion],
      [true, false, "3.6.0", "3.6.11"],
    );
    deepEqual([status.dbSizeBytes, status.dbSizeInUseBytes], [20 * 1024 ** 2, 8 * 1024 ** 2]);
    ok(status.raftIndex >= 1000 && status.raftTerm === 2 && status.errors.length === 0);
  });
  await checks.that("etcd: no alarms", async () => deepEqual(await client.etcdAlarmList(), []));
  await checks.that("etcd: a whole snapshot in frames, by its own checksum", async () => {
    const frames = await all(client.etcdSnapshot());
    ok(frames.length > 100);
    const bytes = Buffer.concat(frames);
    const sum = createHash("sha256").update(bytes.subarray(0, -32)).digest();
    deepEqual(bytes.subarray(-32), sum);
  });
  await checks.that("etcd: the lead is handed over, once", async () => {
    equal(await client.etcdForfeitLeadership(), "other-1");
    const status = await client.etcdStatus();
    deepEqual([status.leader, status.raftTerm], [false, 3]);
    notEqual(status.leaderId, status.memberId);
    equal(await client.etcdForfeitLeadership(), "");
  });
}

/** What a control plane knows and makes for others. */
export async function checkCluster(stage: Stage): Promise<void> {
  const { start, open, checks } = stage;
  const others = [1, 2].map((number) => ({
    hostname: `other-${number}`,
    address: `127.77.0.${250 + number}`,
    role: "controlplane" as const,
  }));
  const peer = await start({ address: "127.77.0.7:50000", hostname: "cluster", cluster: "cluster", members: others });
  const client = open(peer.address, credentialsOf(peer.talosconfig));
  await ready(client);
  await credentials(stage, peer, client);
  await etcd(stage, client);
  await checks.that("what was done before", async () => {
    const error = await fails(client.bootstrap(), "already-exists", /not empty/);
    match(error.message, /has done Bootstrap before/);
  });
}
