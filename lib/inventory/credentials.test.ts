import { afterEach, beforeAll, expect, test } from "vitest";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { withTransaction } from "@/lib/db/transaction";
import { mintTalosconfig } from "@/lib/machine-config/mint-talosconfig";
import { generateAuthority } from "@/lib/machine-config/pki";
import { mintClientCertificate } from "@/lib/machine-config/pki-leaf";
import type { CertificatePair } from "@/lib/machine-config/pki-sign";
import { putClusterSecret, readClusterSecret } from "./cluster-secrets";
import { type CertificateSource, credentialsFor, forgetCredentials } from "./credentials";

setUpTestDatabase();

const clusterId = "cluster_1";
const hourMs = 3_600_000;
let ca: CertificatePair;
let minted = 0;
let refuse = false;

const source: CertificateSource = async (_clusterId, _admin, ttlMs) => {
  minted += 1;
  await Promise.resolve();
  if (refuse) throw new Error("no control plane");
  const made = await mintClientCertificate({
    caCertPem: ca.certPem,
    caKeyPem: ca.keyPem,
    roles: ["os:reader"],
    ttlMs,
    nowMs: Date.now(),
  });
  return { kind: "mtls", caPem: ca.certPem, ...made };
};

beforeAll(async () => {
  ca = await generateAuthority({ kind: "ed25519", organization: "talos", nowMs: Date.now() - hourMs });
  await db.cluster.create({
    data: { id: clusterId, name: "forge", endpoint: "https://10.0.0.1:6443", talosEndpoints: "[]" },
  });
  const plaintext = await mintTalosconfig({
    authority: { ca },
    clusterName: "forge",
    endpoints: ["10.0.0.1"],
    roles: ["os:admin"],
    ttlMs: hourMs,
    nowMs: Date.now(),
  });
  await withTransaction((tx) =>
    putClusterSecret(tx, clusterId, "talosconfig", { plaintext, role: "os:admin", notAfterMs: null }),
  );
});
afterEach(async () => {
  forgetCredentials(clusterId);
  minted = 0;
  refuse = false;
  await db.clusterSecret.deleteMany({ where: { kind: "reader-certificate" } });
});

const ask = () => credentialsFor(clusterId, "reader", source);

test("ten requests at once get one certificate, and so do those that follow", async () => {
  const all = await Promise.all(Array.from({ length: 10 }, ask));
  expect(minted).toBe(1);
  expect(new Set(all.map(({ credentials }) => credentials)).size).toBe(1);
  expect((await ask()).credentials).toBe(all[0]?.credentials);
  expect(minted).toBe(1);
});

test("a failed attempt is shared by those who waited, and not kept", async () => {
  refuse = true;
  const all = await Promise.allSettled(Array.from({ length: 10 }, ask));
  expect(all.every(({ status }) => status === "rejected")).toBe(true);
  expect(minted).toBe(1);
  refuse = false;
  await ask();
  expect(minted).toBe(2);
});

test("where nothing can be stored the certificate works all the same", async () => {
  await db.$queryRawUnsafe("PRAGMA query_only = ON");
  try {
    await expect(ask()).resolves.toMatchObject({ credentials: { kind: "mtls" } });
    expect(await readClusterSecret(clusterId, "reader-certificate")).toBeNull();
  } finally {
    await db.$queryRawUnsafe("PRAGMA query_only = OFF");
  }
});
