import { generateSecretsBundle } from "@/lib/machine-config/secrets-bundle";
import type { SecretsBundle } from "@/lib/machine-config/secrets-bundle-schema";

const made = new Map<number, Promise<SecretsBundle>>();

async function newBundle(index: number): Promise<SecretsBundle> {
  const bundle = await generateSecretsBundle({
    contract: index % 2 === 0 ? "1.14" : "1.12",
    nowMs: Date.now(),
    // One as Talos makes them; the others only spare the time that an RSA key takes.
    serviceAccountKey: index === 0 ? "rsa-4096" : "ecdsa-p256",
  });
  const { secretboxencryptionsecret, bootstraptoken } = bundle.secrets;
  // What clusters have that are older than Talos 1.3.
  if (index === 1) bundle.secrets = { bootstraptoken, aescbcencryptionsecret: secretboxencryptionsecret };
  return bundle;
}

export const bundleCount = 6;

/** A few secrets bundles for all cases; the second one has the older encryption secret. */
export function bundleAt(index: number): Promise<SecretsBundle> {
  const known = made.get(index) ?? newBundle(index);
  made.set(index, known);
  return known;
}
