import { startFactory } from "@/sim/factory/server";
import { SchematicRegistry, simpleSchematic } from "@/sim/factory/registry";
import { openTalosClient, type TalosClient } from "@/lib/talos/client";
import type { TalosCredentials } from "@/lib/talos/credentials";
import { resourceDefs, type ResourceDef, type ResourceName } from "@/lib/talos/resources";
import { parseTalosconfig } from "@/lib/talos/talosconfig";
import { eventually, upTo, type Checks } from "./checks";
import { startPeer, type Peer, type PeerCertificate, type PeerDevice, type PeerOptions } from "./node";

/** A card that NVIDIA's open modules drive. */
export const rtx4090: PeerDevice = {
  address: "0000:41:00.0",
  classId: "03",
  subclassId: "00",
  vendorId: "10de",
  deviceId: "2684",
  class: "Display controller",
  vendor: "NVIDIA Corporation",
  product: "AD102 [GeForce RTX 4090]",
};
export const nvidiaModules = ["nvidia", "nvidia_uvm", "nvidia_drm", "nvidia_modeset"];
export const nvidiaExtensions = [
  "siderolabs/nvidia-container-toolkit-production",
  "siderolabs/nvidia-open-gpu-kernel-modules-production",
];

export type Schematic = { id: string; text: string };

/** Where checks happen: a factory, and the peers that they start. All of it ends with `stop`. */
export type Stage = {
  checks: Checks;
  factoryUrl: string;
  /** Registers a schematic with these extensions at the factory. */
  schematic: (extensions: readonly string[]) => Schematic;
  /** The installer of a schematic, as the factory's registry names it. */
  installer: (schematicId: string, release: string) => string;
  start: (options: Partial<PeerOptions> & Pick<PeerOptions, "address" | "hostname">) => Promise<Peer>;
  /** A client that is closed at the end. */
  open: (address: string, credentials: TalosCredentials, viaNode?: string) => TalosClient;
  stop: () => Promise<void>;
};

/** Time on the peers: a restart takes half a second. */
export const timeScale = 0.03;

export async function openStage(binary: string, checks: Checks): Promise<Stage> {
  const registry = new SchematicRegistry();
  const broken: unknown[] = [];
  const factory = await startFactory(
    registry,
    0,
    () => undefined,
    (error) => void broken.push(error),
  );
  const peers: Peer[] = [];
  const clients: TalosClient[] = [];
  return {
    checks,
    factoryUrl: factory.url,
    schematic(extensions) {
      const { id, canonical } = registry.register(simpleSchematic(extensions));
      return { id, text: canonical };
    },
    installer: (schematicId, release) => `${new URL(factory.url).host}/metal-installer/${schematicId}:${release}`,
    async start(options) {
      const peer = await startPeer(binary, { timeScale, factory: factory.url, ...options });
      peers.push(peer);
      return peer;
    },
    open(address, credentials, viaNode) {
      const client = openTalosClient({ address, credentials, ...(viaNode === undefined ? {} : { viaNode }) });
      clients.push(client);
      return client;
    },
    async stop() {
      for (const client of clients) client.close();
      await Promise.all(peers.map((peer) => peer.stop()));
      await factory.stop();
      if (broken.length > 0) throw broken[0];
    },
  };
}

/** What a talosconfig's selected context lets in with. */
export function credentialsOf(talosconfig: string): Extract<TalosCredentials, { kind: "mtls" }> {
  const { context, contexts } = parseTalosconfig(talosconfig);
  const chosen = contexts.find(({ name }) => name === context);
  if (!chosen) throw new Error("The talosconfig has no selected context.");
  return chosen.credentials;
}

/** A definition whose spec is not looked at. */
export const anyDef = (name: ResourceName): ResourceDef<unknown> => resourceDefs[name];
export const resourceNames = Object.keys(resourceDefs) as ResourceName[];

export const identityOf = ({ ca, crt, key }: PeerCertificate): TalosCredentials => ({
  kind: "mtls",
  caPem: ca,
  certPem: crt,
  keyPem: key,
});

/** Follows the machine's status to `running` and ready. */
export async function ready(client: TalosClient, signal = AbortSignal.timeout(20_000)): Promise<void> {
  await upTo(
    client.watch(resourceDefs.machineStatus, { id: "machine" }, { signal }),
    ({ kind, resource }) =>
      (kind === "created" || kind === "updated") &&
      resource?.spec?.stage === "running" &&
      resource.spec.status.ready === true,
  );
}

/** Waits until the node has another boot ID than before, runs and is ready. Gives the new one. */
export const restarted = (client: TalosClient, before: string): Promise<string> =>
  eventually("the restart", async () => {
    const { bootId } = (await client.get(resourceDefs.bootId)).spec;
    if (bootId === before) return null;
    const { stage, status } = (await client.get(resourceDefs.machineStatus)).spec;
    return stage === "running" && status.ready ? bootId : null;
  });
