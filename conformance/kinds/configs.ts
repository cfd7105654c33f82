import { generateMachineConfigText } from "@/lib/machine-config/generate";
import { clusterInput, type VersionContract, versionContract } from "@/lib/machine-config/schema";
import { writeSecretsBundle } from "@/lib/machine-config/secrets-bundle";
import type { SecretsBundle } from "@/lib/machine-config/secrets-bundle-schema";
import type { Kind } from "../kind";
import { bundleAt } from "./bundles";
import { type ConfigCase, configCase } from "./cluster-inputs";

/** Contracts that the libraries of a release can generate for. */
const contractsOf: Record<string, readonly VersionContract[]> = {
  "1.12": ["1.12"],
  "1.13": ["1.12", "1.13"],
  "1.14": ["1.12", "1.13", "1.14"],
};

/** The same options in the judge's words (`judge/generate.go`); what is left out there has the library's default. */
function judgeInput({ contract, role, cluster, node }: ConfigCase, bundle: SecretsBundle): Record<string, unknown> {
  const options = clusterInput.parse(cluster);
  return {
    bundle: writeSecretsBundle(bundle),
    contract: `v${contract}`,
    role,
    name: options.name,
    endpoint: options.endpoint,
    kubernetesVersion: options.kubernetesVersion,
    dnsDomain: options.dnsDomain,
    podSubnets: options.podSubnets,
    serviceSubnets: options.serviceSubnets,
    cni: options.cni.kind,
    cniUrl: options.cni.kind === "custom" ? options.cni.url : "",
    discovery: options.discovery,
    kubespan: options.kubespan,
    allowSchedulingOnControlPlanes: options.allowSchedulingOnControlPlanes,
    installDisk: node.installDisk,
    installImage: node.installImage,
    certSans: node.certSans,
    registryMirrors: node.registryMirrors,
    sysctls: node.sysctls,
  };
}

/** The first line in which two texts differ. */
function firstDifference(ours: string, theirs: string): string | null {
  if (ours === theirs) return null;
  const [left, right] = [ours.split("\n"), theirs.split("\n")];
  const at = left.findIndex((line, index) => line !== right[index]);
  const line = at < 0 ? left.length : at;
  return `line ${line + 1}: Ichor writes ${JSON.stringify(left[line])}, Talos ${JSON.stringify(right[line])}`;
}

/**
 * An AES-CBC secret, which clusters older than Talos 1.3 have: upstream's generators leave it out, or (contract 1.14) write it under
 * `secretbox`, and the API server could not read what it had encrypted. Ichor writes it where it belongs (docs/conformance.md).
 */
function withOldSecret(config: string, { contract, role }: ConfigCase, { secrets }: SecretsBundle): string {
  const secret = secrets.aescbcencryptionsecret;
  if (role !== "controlplane" || secret === undefined) return config;
  if (contract === "1.14") return config.replace("- secretbox:", "- aescbc:");
  return config.replace(/(\ncluster:\n[^]*?\n    token: .*\n)/, `$1    aescbcEncryptionSecret: ${secret}\n`);
}

/** Machine configs of random inputs, byte for byte, for every contract that the release can generate. */
export const configsFor = (release: keyof typeof contractsOf): Kind<ConfigCase> => ({
  name: "configs",
  cases: 1_000,
  make(random) {
    const made = configCase(random, contractsOf[release] ?? []);
    // The generator of 1.14 cannot be told to leave the network plugin out; people patch it away there.
    const { cni } = made.cluster;
    return release === "1.14" && cni?.kind === "none"
      ? { ...made, cluster: { ...made.cluster, cni: undefined } }
      : made;
  },
  async differs(made, judge) {
    versionContract.parse(made.contract);
    const bundle = await bundleAt(made.bundle);
    const { output, refusal } = await judge.ask("generate", judgeInput(made, bundle));
    const ours = generateMachineConfigText({ ...made, bundle }, release === "1.14" ? "v4-rc6" : "v4-rc4");
    if (refusal !== undefined) return `only Talos refuses: ${refusal}`;
    return firstDifference(ours, withOldSecret(String(output), made, bundle));
  },
});
