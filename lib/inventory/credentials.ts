import "server-only";
import { X509Certificate } from "node:crypto";
import { z } from "zod";
import { AppError, StorageUnavailable } from "@/lib/core/errors";
import { log } from "@/lib/core/log";
import { db } from "@/lib/db/client";
import { mintClientCertificate } from "@/lib/machine-config/pki-leaf";
import { bundleAuthority, parseSecretsBundle } from "@/lib/machine-config/secrets-bundle";
import { withTransaction } from "@/lib/db/transaction";
import type { TalosCredentials } from "@/lib/talos/credentials";
import { parseTalosconfig, type TalosContext } from "@/lib/talos/talosconfig";
import { putClusterSecret, readClusterSecret } from "./cluster-secrets";

export const accessRoles = ["reader", "operator", "admin"] as const;
export type AccessRole = (typeof accessRoles)[number];
export type Mtls = Extract<TalosCredentials, { kind: "mtls" }>;
export type HeldCredentials = { credentials: Mtls; notAfterMs: number };

/** How a control plane makes a client certificate for us, with an admin's credentials; injected, since it dials. */
export type CertificateSource = (clusterId: string, admin: Mtls, ttlMs: number, signal?: AbortSignal) => Promise<Mtls>;

const hourMs = 3_600_000;
// Short, since Talos has no revocation; long enough that a control plane may be away for a while.
const ttlMs: Record<AccessRole, number> = { reader: 24 * hourMs, operator: hourMs, admin: hourMs };
const talosRole: Record<AccessRole, string> = { reader: "os:reader", operator: "os:operator", admin: "os:admin" };
const enough: Record<AccessRole, readonly string[]> = {
  reader: ["os:reader", "os:operator", "os:admin"],
  operator: ["os:operator", "os:admin"],
  admin: ["os:admin"],
};

const storedCertificate = z.object({ caPem: z.string(), certPem: z.string(), keyPem: z.string() });
const notAfterOf = (certPem: string): number => Date.parse(new X509Certificate(certPem).validTo);

/** One object per certificate: the TLS context of a cluster is made once per object. Only readers are kept; `null` = being made. */
const readers = new Map<string, { made: Promise<HeldCredentials>; notAfterMs: number | null }>();

/** Forgets what was minted for a cluster, when its secrets change. */
export const forgetCredentials = (clusterId: string): void => void readers.delete(clusterId);

async function mintFromBundle(bundleYaml: string, role: AccessRole, nowMs: number): Promise<HeldCredentials> {
  const ca = bundleAuthority(parseSecretsBundle(bundleYaml), "os");
  const pair = await mintClientCertificate({
    caCertPem: ca.certPem,
    caKeyPem: ca.keyPem,
    roles: [talosRole[role]],
    ttlMs: ttlMs[role],
    nowMs,
  });
  return {
    credentials: { kind: "mtls", caPem: ca.certPem, ...pair },
    notAfterMs: nowMs + ttlMs[role],
  };
}

/** The context in a stored talosconfig. @throws AppError `refused` when it has expired since. */
export async function heldContext(clusterId: string): Promise<TalosContext | null> {
  const held = await readClusterSecret(clusterId, "talosconfig");
  if (!held) return null;
  const { contexts } = parseTalosconfig(held.plaintext);
  return contexts[0] ?? null;
}

async function readerThroughApi(
  clusterId: string,
  admin: Mtls,
  source: CertificateSource,
  nowMs: number,
  signal?: AbortSignal,
): Promise<HeldCredentials> {
  const stored = await readClusterSecret(clusterId, "reader-certificate");
  if (stored && (stored.notAfterMs ?? 0) - nowMs > ttlMs.reader / 3) {
    const credentials: Mtls = { kind: "mtls", ...storedCertificate.parse(JSON.parse(stored.plaintext)) };
    return { credentials, notAfterMs: stored.notAfterMs ?? nowMs };
  }
  const credentials = await source(clusterId, admin, ttlMs.reader, signal);
  const { caPem, certPem, keyPem } = credentials;
  const notAfterMs = notAfterOf(certPem);
  const plaintext = JSON.stringify({ caPem, certPem, keyPem });
  await withTransaction((tx) =>
    putClusterSecret(tx, clusterId, "reader-certificate", { plaintext, role: "os:reader", notAfterMs }),
  ).catch((error: unknown) => {
    // Kept in memory it works as well; no node is away because our disk is full.
    if (!(error instanceof StorageUnavailable)) throw error;
    log.warn("A reader certificate could not be stored, and is kept in memory only", { reason: error.message });
  });
  return { credentials, notAfterMs };
}

async function find(
  clusterId: string,
  role: AccessRole,
  source: CertificateSource,
  signal?: AbortSignal,
): Promise<HeldCredentials> {
  const nowMs = Date.now();
  const bundle = await readClusterSecret(clusterId, "bundle");
  if (bundle) return mintFromBundle(bundle.plaintext, role, nowMs);
  const context = await heldContext(clusterId);
  if (!context) {
    throw new AppError("refused", "No credentials are held for this cluster.", {
      hint: "Import its talosconfig or its secrets bundle.",
    });
  }
  const { roles, notAfterMs } = context.identity;
  if (role === "reader" && roles.includes("os:admin")) {
    return readerThroughApi(clusterId, context.credentials, source, nowMs, signal);
  }
  if (roles.some((name) => enough[role].includes(name))) return { credentials: context.credentials, notAfterMs };
  const cluster = await db.cluster.findUnique({ where: { id: clusterId }, select: { name: true } });
  throw new AppError(
    "refused",
    `This needs the Talos role ${talosRole[role]}; for ${cluster?.name ?? "this cluster"} only ${roles.join(", ") || "no role"} is held.`,
    { hint: "Import a talosconfig of an administrator, or the cluster's secrets bundle." },
  );
}

/**
 * Client credentials for the Talos API of a cluster. Readers' are short-lived, shared and renewed when a third of their life
 * is left; stronger ones are made or opened for this one call and not kept.
 * @throws AppError `refused` when no sufficient credentials are held; TalosError when a control plane would not make them.
 */
export async function credentialsFor(
  clusterId: string,
  role: AccessRole,
  source: CertificateSource,
  signal?: AbortSignal,
): Promise<HeldCredentials> {
  if (role !== "reader") return find(clusterId, role, source, signal);
  const known = readers.get(clusterId);
  if (known && (known.notAfterMs === null || known.notAfterMs - Date.now() > ttlMs.reader / 3)) return known.made;
  // All nodes of a cluster ask at once after a start: they share one attempt. It must not die with the first that gave up.
  const made = find(clusterId, role, source);
  // Entered before anything is waited for, so that of two requests at once the second one finds it.
  const entry: { made: Promise<HeldCredentials>; notAfterMs: number | null } = { made, notAfterMs: null };
  readers.set(clusterId, entry);
  made.then(
    ({ notAfterMs }) => (entry.notAfterMs = notAfterMs),
    () => {
      if (readers.get(clusterId) === entry) readers.delete(clusterId);
    },
  );
  return made;
}
