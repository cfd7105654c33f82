import { generateAuthority } from "@/lib/machine-config/pki";
import {
  mintClientCertificate,
  mintKubernetesClientCertificate,
  mintServerCertificate,
} from "@/lib/machine-config/pki-leaf";
import type { CertificatePair } from "@/lib/machine-config/pki-sign";
import type { Kind } from "../kind";

const leaves = ["talos client", "talos server", "kubernetes client", "kubernetes server", "authority"] as const;
type Case = { leaf: (typeof leaves)[number]; organization: string | null; ttlHours: number };
type Verdict = { organizations: string[] | null; commonName: string; authority: boolean; keyUsage: number };

const digitalSignature = 1;
const keyEncipherment = 4;
const certSign = 32;

function leafOf({ leaf, organization, ttlHours }: Case, ca: CertificatePair, nowMs: number): Promise<CertificatePair> {
  const ttlMs = ttlHours * 3_600_000;
  const names = {
    ca,
    ips: ["10.0.0.1"],
    dnsNames: ["cp-1"],
    commonName: "cp-1",
    notBefore: new Date(nowMs),
    notAfter: new Date(nowMs + ttlMs),
  };
  switch (leaf) {
    case "talos client":
      return mintClientCertificate({ caCertPem: ca.certPem, caKeyPem: ca.keyPem, roles: ["os:reader"], ttlMs, nowMs });
    case "talos server":
      return mintServerCertificate(names);
    case "kubernetes server":
      return mintServerCertificate({ ...names, keyKind: "ecdsa-p256" });
    case "kubernetes client":
      return mintKubernetesClientCertificate({
        ca,
        commonName: "admin",
        organization: organization ?? "system:masters",
        ttlMs,
        nowMs,
      });
    case "authority":
      return Promise.resolve(ca);
  }
}

const expected = ({ leaf, organization }: Case): Verdict => {
  switch (leaf) {
    case "talos client":
      return { organizations: ["os:reader"], commonName: "", authority: false, keyUsage: digitalSignature };
    case "kubernetes client":
      return {
        organizations: [organization ?? "system:masters"],
        commonName: "admin",
        authority: false,
        keyUsage: digitalSignature | keyEncipherment,
      };
    case "authority":
      return {
        organizations: organization === null ? null : [organization],
        commonName: "",
        authority: true,
        keyUsage: digitalSignature | certSign,
      };
    default:
      return { organizations: null, commonName: "cp-1", authority: false, keyUsage: digitalSignature };
  }
};

/** Authorities and leaves: Talos' own reader takes certificate and key, Go verifies the chain for the use, names and usages are as asked. */
export const authorities: Kind<Case> = {
  name: "certificates",
  cases: 1_000,
  make: (random) => ({
    leaf: random.pick(leaves),
    organization: random.pick(["talos", "kubernetes", "etcd", null, "é & <b>"]),
    ttlHours: random.pick([1, 24, 8760]),
  }),
  async differs(made, judge) {
    const nowMs = Date.now();
    const kind = made.leaf.startsWith("talos") ? "ed25519" : "ecdsa-p256";
    const ca = await generateAuthority({ kind, organization: made.organization, nowMs });
    const { certPem, keyPem } = await leafOf(made, ca, nowMs);
    const { output, refusal } = await judge.ask("certificate", {
      ca: ca.certPem,
      crt: certPem,
      key: keyPem,
      usage: made.leaf === "authority" ? "authority" : (made.leaf.split(" ")[1] ?? ""),
      host: made.leaf.endsWith("server") ? "10.0.0.1" : "",
    });
    if (refusal !== undefined) return `Talos refuses it: ${refusal}`;
    const [said, wanted] = [JSON.stringify(output), JSON.stringify(expected(made))];
    return said === JSON.stringify({ ...(output as object), ...expected(made) })
      ? null
      : `Go reads ${said}, wanted ${wanted}`;
  },
};
