import { AppError } from "@/lib/core/errors";
import { mintClientCertificate, talosRoles } from "@/lib/machine-config/pki-leaf";
import type { CertificatePair } from "@/lib/machine-config/pki-sign";
import { bundleAuthority } from "@/lib/machine-config/secrets-bundle";
import type { SecretsBundle } from "@/lib/machine-config/secrets-bundle-schema";
import { writeTalosconfig } from "@/lib/talos/talosconfig";

export type MintTalosconfigInput = {
  /** The cluster's secrets, or the authority of its Talos API alone. */
  authority: { bundle: SecretsBundle } | { ca: CertificatePair };
  clusterName: string;
  endpoints: readonly string[];
  nodes?: readonly string[];
  roles: readonly string[];
  ttlMs: number;
  nowMs: number;
};

/**
 * A talosconfig with a new client certificate, signed here with the cluster's authority: nothing can revoke it, so keep `ttlMs` short. The
 * context is the cluster's name, with the role before it when it is one that is not os:admin (`reader@lab`), as `talosctl config new` names it.
 *
 * @throws AppError `invalid-input` for an unknown role or an authority whose key does not fit.
 */
export async function mintTalosconfig(input: MintTalosconfigInput): Promise<string> {
  const unknown = input.roles.find((role) => !(talosRoles as readonly string[]).includes(role));
  if (unknown !== undefined) {
    throw new AppError("invalid-input", `Talos has no role ${unknown} for people.`, {
      hint: `Choose among ${talosRoles.join(", ")}.`,
    });
  }
  const ca = "ca" in input.authority ? input.authority.ca : bundleAuthority(input.authority.bundle, "os");
  const { certPem, keyPem } = await mintClientCertificate({
    caCertPem: ca.certPem,
    caKeyPem: ca.keyPem,
    roles: input.roles,
    ttlMs: input.ttlMs,
    nowMs: input.nowMs,
  });
  return writeTalosconfig([
    {
      name: contextName(input.clusterName, input.roles),
      endpoints: [...input.endpoints],
      nodes: [...(input.nodes ?? [])],
      credentials: { kind: "mtls", caPem: ca.certPem, certPem, keyPem },
    },
  ]);
}

function contextName(clusterName: string, roles: readonly string[]): string {
  const [only] = roles;
  return roles.length === 1 && only !== undefined && only !== "os:admin"
    ? `${only.replace(/^os:/, "")}@${clusterName}`
    : clusterName;
}
