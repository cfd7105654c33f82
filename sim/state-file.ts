import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { schematicDocument, type SchematicDocument } from "@/lib/schematic/document";
import { newCluster, type ClusterSecrets, type SimCluster } from "./cluster/cluster";
import type { SimNode } from "./node/node";
import type { World } from "./world";

const pair = z.object({ certPem: z.string(), keyPem: z.string() });
const slot = z.object({ release: z.string(), schematicId: z.string() }).nullable();
const saved = z.object({
  clusters: z.array(
    z.object({
      key: z.string(),
      secrets: z
        .object({
          id: z.string(),
          name: z.string(),
          os: pair,
          kubernetes: pair,
          etcd: pair,
          aggregator: pair.optional(),
          serviceAccountKeyPem: z.string().optional(),
          token: z.string(),
          bootstrapToken: z.string(),
          secretboxEncryptionSecret: z.string(),
          discoverySecret: z.string(),
        })
        // Fleets of before had one authority for all of Kubernetes, and their nodes' configs name it.
        .transform(({ aggregator, serviceAccountKeyPem, ...rest }): ClusterSecrets => ({
          ...rest,
          aggregator: aggregator ?? rest.kubernetes,
          serviceAccountKeyPem: serviceAccountKeyPem ?? rest.kubernetes.keyPem,
        })),
      etcd: z.array(z.object({ name: z.string(), address: z.string() })),
    }),
  ),
  schematics: z.array(schematicDocument),
  nodes: z.array(
    z.object({
      name: z.string(),
      cluster: z.string().nullable(),
      config: z.string().nullable(),
      slots: z.object({ A: slot, B: slot }),
      active: z.enum(["A", "B"]),
      fallback: z.enum(["A", "B"]).nullable(),
      meta: z.array(z.tuple([z.number().int(), z.string()])).default([]),
    }),
  ),
});
type Saved = z.infer<typeof saved>;

/** What a fleet keeps between runs: authorities, schematics, and every node's disk. Nothing at all without a directory. */
export class StateFile {
  private world: World | null = null;
  private timer: NodeJS.Timeout | null = null;
  private writing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly file: string | null,
    private readonly state: Saved | null,
  ) {}

  /** Throws when the file is not one of ours. */
  static async open(dir: string | undefined): Promise<StateFile> {
    if (dir === undefined) return new StateFile(null, null);
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const file = path.join(dir, "fleet.json");
    const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw error;
    });
    return new StateFile(file, text === null ? null : saved.parse(JSON.parse(text)));
  }

  secrets(name: string): ClusterSecrets | undefined {
    return this.state?.clusters.find((cluster) => cluster.key === name)?.secrets;
  }

  schematics(): SchematicDocument[] {
    return this.state?.schematics ?? [];
  }

  /** Brings back clusters that were made at run time, and tells how to bring back a node. */
  async restoreClusters(
    world: World,
    serve: (cluster: SimCluster) => Promise<void>,
  ): Promise<{ restoreNode(node: SimNode): void; knows(node: SimNode): boolean }> {
    for (const { key, secrets, etcd } of this.state?.clusters ?? []) {
      let cluster = world.clusters.get(key);
      if (!cluster) {
        cluster = newCluster(secrets);
        world.clusters.set(key, cluster);
        await serve(cluster);
      }
      for (const peer of etcd) cluster.etcd.join(peer.name, peer.address);
    }
    return {
      knows: (node) => this.state?.nodes.some(({ name }) => name === node.name) ?? false,
      restoreNode: (node) => {
        const disk = this.state?.nodes.find(({ name }) => name === node.name);
        if (!disk) return;
        node.cluster = disk.cluster === null ? null : (world.clusters.get(disk.cluster) ?? null);
        node.disk = {
          slots: disk.slots,
          active: disk.active,
          fallback: disk.fallback,
          config: disk.config,
          etcdMemberId: null,
          meta: new Map(disk.meta),
        };
      },
    };
  }

  attach(world: World): void {
    this.world = world;
  }

  /** Something changed: it is written within a second. */
  changed(): void {
    if (this.file === null || this.timer || !this.world) return;
    const { world } = this;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.save(world).catch((error: unknown) => world.report(error));
    }, 500);
  }

  save(world: World): Promise<void> {
    const { file } = this;
    if (file === null) return Promise.resolve();
    const keyOf = (cluster: SimCluster | null) =>
      [...world.clusters].find(([, known]) => known === cluster)?.[0] ?? null;
    const state: Saved = {
      clusters: [...world.clusters].map(([key, cluster]) => ({
        key,
        secrets: cluster.secrets,
        etcd: cluster.etcd.members().map(({ name, address }) => ({ name, address })),
      })),
      schematics: world.schematics.all().map(({ document }) => document),
      nodes: [...world.nodes.values()].map((node) => ({
        name: node.name,
        cluster: keyOf(node.cluster),
        config: node.disk.config,
        slots: node.disk.slots,
        active: node.disk.active,
        fallback: node.disk.fallback,
        meta: [...node.disk.meta],
      })),
    };
    this.writing = this.writing.then(async () => {
      await writeFile(`${file}.new`, JSON.stringify(state), { mode: 0o600 });
      await rename(`${file}.new`, file);
    });
    return this.writing;
  }

  close(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.world = null;
  }
}
