import { AppError } from "@/lib/core/errors";
import { type YamlValue, emitGoYaml } from "@/lib/core/go-yaml";
import { isYamlMap } from "@/lib/machine-config/documents";
import { parseYaml } from "@/lib/core/yaml";
import { generateSecretsBundle, parseSecretsBundle, writeSecretsBundle } from "@/lib/machine-config/secrets-bundle";
import { versionContract, type VersionContract } from "@/lib/machine-config/schema";
import { mustGive } from "../judge";
import type { Kind } from "../kind";

type Damage = { path: string[]; as: "absent" | "empty" | "other" };
type Case = {
  /** Ichor's text; null = Talos makes one. */
  bundle: string | null;
  contract: VersionContract;
  damage: Damage | null;
};

const members = [
  "cluster.id",
  "cluster.secret",
  "secrets.bootstraptoken",
  "secrets.secretboxencryptionsecret",
  "trustdinfo.token",
  "certs.etcd.crt",
  "certs.k8s.key",
  "certs.k8saggregator.crt",
  "certs.k8sserviceaccount.key",
  "certs.os.crt",
  "certs.os.key",
  "certs.etcd",
  "trustdinfo",
  "secrets",
].map((path) => path.split("."));

/** The value with one member gone, empty, or with another text. */
function damaged(value: YamlValue, { path: [key, ...rest], as }: Damage): YamlValue {
  if (!isYamlMap(value) || key === undefined) return value;
  if (rest.length > 0) return { ...value, [key]: damaged(value[key] ?? null, { path: rest, as }) };
  const { [key]: _gone, ...others } = value;
  return as === "absent" ? others : { ...value, [key]: as === "empty" ? "" : "b3RoZXI=" };
}

function refusalOf(read: () => unknown): string | null {
  try {
    read();
    return null;
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}

/**
 * Secrets bundles: Ichor's load and validate in Talos and come back as the same bytes, and the other way round; what Talos refuses,
 * Ichor refuses. Ichor may refuse more: it also compares each key with its certificate.
 */
export const secretsFor = (release: string): Kind<Case> => ({
  name: "secrets",
  cases: 1_000,
  async make(random) {
    const contract = versionContract.parse(release);
    // Older libraries make an RSA key for each bundle, which takes a second.
    const theirs = random.chance(release === "1.14" ? 0.4 : 0.01);
    const damage = random.chance(0.4)
      ? { path: random.pick(members), as: random.pick(["absent", "empty", "other"] as const) }
      : null;
    if (theirs) return { bundle: null, contract, damage };
    const serviceAccountKey = random.chance(0.003) ? "rsa-4096" : "ecdsa-p256";
    const bundle = await generateSecretsBundle({ contract, nowMs: Date.now(), serviceAccountKey });
    return { bundle: writeSecretsBundle(bundle), contract, damage };
  },
  async differs({ bundle, contract, damage }, judge) {
    const asked = { contract: `v${contract}` };
    const whole = bundle ?? String(await mustGive(judge.ask("new-secrets", asked)));
    const text = damage ? emitGoYaml(damaged(parseYaml(whole), damage)) : whole;
    const { output, refusal } = await judge.ask("secrets", { ...asked, bundle: text });
    const ours = refusalOf(() => parseSecretsBundle(text));
    if (refusal !== undefined) return ours === null ? `only Talos refuses: ${refusal}` : null;
    if (ours !== null) return damage ? null : `only Ichor refuses: ${ours}`;
    const written = writeSecretsBundle(parseSecretsBundle(text));
    if (damage === null && written !== whole) return `Ichor writes it otherwise: ${written}`;
    return written === output ? null : `Ichor writes ${written}, Talos ${String(output)}`;
  },
});
