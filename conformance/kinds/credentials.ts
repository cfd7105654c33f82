import { mintTalosconfig } from "@/lib/machine-config/mint-talosconfig";
import { mintServerCertificate, talosRoles } from "@/lib/machine-config/pki-leaf";
import { bundleAuthority } from "@/lib/machine-config/secrets-bundle";
import { parseTalosconfig } from "@/lib/talos/talosconfig";
import type { Kind } from "../kind";
import { bundleAt, bundleCount } from "./bundles";
import { hostileText } from "./hostile";

type Case = { bundle: number; clusterName: string; endpoints: string[]; nodes: string[]; roles: string[] };
type Identity = {
  context: string;
  endpoints: string[];
  nodes: string[] | null;
  roles: string[];
  unknown: string[];
  written: string;
};

const hosts = ["10.0.0.1", "fd00::1", "cp-1.lab.example"];
const newRoles = new Set<string>(["os:image:verifier", "os:meta:writer"]);
const same = (left: readonly string[], right: readonly string[] | null) =>
  JSON.stringify([...left].sort()) === JSON.stringify([...(right ?? [])].sort());

/**
 * Talosconfigs that Ichor mints: Talos' client reads them and shakes hands with a server that demands what apid demands; Talos reads
 * the roles that were asked for, and writes the file as Ichor does. The server's certificate is one of Ichor's as well.
 */
export const credentialsFor = (release: string): Kind<Case> => ({
  name: "credentials",
  cases: 1_000,
  make(random) {
    const roles = random.list(3, () =>
      random.pick(talosRoles.filter((role) => release === "1.14" || !newRoles.has(role))),
    );
    return {
      bundle: random.below(bundleCount),
      clusterName: hostileText(random).slice(0, 200).trim() || "lab",
      endpoints: random.list(3, () => random.pick(hosts)),
      nodes: random.list(2, () => random.pick(hosts)),
      roles: roles.length > 0 ? roles : ["os:admin"],
    };
  },
  async differs(made, judge) {
    const bundle = await bundleAt(made.bundle);
    const nowMs = Date.now();
    const talosconfig = await mintTalosconfig({ ...made, authority: { bundle }, ttlMs: 3_600_000, nowMs });
    const server = await mintServerCertificate({
      ca: bundleAuthority(bundle, "os"),
      ips: ["10.0.0.1"],
      dnsNames: ["cp-1"],
      commonName: "cp-1",
      notBefore: new Date(nowMs - 60_000),
      notAfter: new Date(nowMs + 3_600_000),
    });
    const { output, refusal } = await judge.ask("identity", {
      talosconfig,
      serverCrt: server.certPem,
      serverKey: server.keyPem,
      host: "10.0.0.1",
    });
    if (refusal !== undefined) return `Talos refuses it: ${refusal}`;
    const theirs = output as Identity;
    const [ours] = parseTalosconfig(theirs.written, nowMs).contexts;
    if (theirs.unknown.length > 0 || !same([...new Set(made.roles)], theirs.roles))
      return `Talos reads the roles ${theirs.roles.join()} and does not know ${theirs.unknown.join()}`;
    if (!same(made.endpoints, theirs.endpoints) || !same(made.nodes, theirs.nodes))
      return `Talos reads the endpoints ${theirs.endpoints.join()} and the nodes ${theirs.nodes?.join()}`;
    if (ours?.name !== theirs.context) return `Ichor reads the context ${ours?.name}, Talos ${theirs.context}`;
    // Older releases quote words such as `on` in another way.
    if (release !== "1.14" || theirs.written === talosconfig) return null;
    return `Ichor writes ${talosconfig}\nTalos ${theirs.written}`;
  },
});
