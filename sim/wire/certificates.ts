import { generateAuthority } from "@/lib/machine-config/pki";
import { mintServerCertificate } from "@/lib/machine-config/pki-leaf";
import { privateKeyFromPem } from "@/lib/machine-config/pki-key";
import type { SimNode } from "../node/node";

const dayMs = 24 * 3_600_000;

export type ServerIdentity = { keyPem: string; certPem: string; caPem: string | null };

/** PEM that Node's TLS can load: Talos writes Ed25519 keys under a label of its own. */
export const tlsKeyPem = (talosPem: string): string =>
  privateKeyFromPem(talosPem).export({ type: "pkcs8", format: "pem" }).toString();

/**
 * The certificate that a node serves: by its cluster's authority for 24 hours, in maintenance mode by one of its own that has no name (Talos
 * controllers/secrets/maintenance_root.go). Never back-dated, as on a real node; names are its address, 127.0.0.1 and its host name.
 */
export async function certificateFor(node: SimNode): Promise<ServerIdentity> {
  // Certificates count whole seconds; a client that connects within the first one must not find it in the future.
  const now = Math.floor(node.nowMs() / 1000) * 1000;
  const names = {
    ips: [...new Set([node.address, "127.0.0.1"])],
    dnsNames: [node.hostname],
    notBefore: new Date(now),
    notAfter: new Date(now + dayMs),
  };
  if (node.maintenance || !node.cluster) {
    const ca = await generateAuthority({ kind: "ed25519", organization: null, nowMs: now });
    const pair = await mintServerCertificate({ ...names, ca, commonName: "maintenance-service.talos.dev" });
    return { keyPem: tlsKeyPem(pair.keyPem), certPem: pair.certPem, caPem: null };
  }
  const { os } = node.cluster.secrets;
  const pair = await mintServerCertificate({ ...names, ca: os, commonName: node.hostname });
  return { keyPem: tlsKeyPem(pair.keyPem), certPem: pair.certPem, caPem: os.certPem };
}
