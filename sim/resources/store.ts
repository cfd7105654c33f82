import type { SpecValue } from "./yaml-spec";

/** One COSI resource as a node holds it. */
export type SimResource = {
  readonly namespace: string;
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly owner: string;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly spec: SpecValue;
  readonly annotations: Readonly<Record<string, string>>;
};

export type ResourceChange =
  | { kind: "created"; resource: SimResource }
  | { kind: "updated"; resource: SimResource; old: SimResource }
  | { kind: "destroyed"; resource: SimResource };

type Watcher = { type: string; id: string | undefined; notify: (change: ResourceChange) => void };

const encode = (spec: SpecValue): string =>
  JSON.stringify(spec, (_key, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));

/** The resources of one boot of one node, in memory; everything is gone after a reboot, as on a real node. */
export class ResourceStore {
  private readonly kinds = new Map<string, Map<string, SimResource>>();
  private readonly watchers = new Set<Watcher>();

  constructor(
    private readonly namespaceOf: (type: string) => string,
    private readonly nowMs: () => number,
  ) {}

  /** Creates or updates; an equal spec changes nothing and wakes nobody. */
  put(
    type: string,
    id: string,
    spec: SpecValue,
    extra: { owner?: string; annotations?: Record<string, string> } = {},
  ): void {
    const kind = this.kinds.get(type) ?? new Map<string, SimResource>();
    this.kinds.set(type, kind);
    const old = kind.get(id);
    if (old && encode(old.spec) === encode(spec)) return;
    const now = this.nowMs();
    const resource: SimResource = {
      namespace: this.namespaceOf(type),
      type,
      id,
      version: (old?.version ?? 0) + 1,
      owner: extra.owner ?? "",
      createdMs: old?.createdMs ?? now,
      updatedMs: now,
      spec,
      annotations: extra.annotations ?? {},
    };
    kind.set(id, resource);
    this.emit(old ? { kind: "updated", resource, old } : { kind: "created", resource });
  }

  remove(type: string, id: string): void {
    const resource = this.kinds.get(type)?.get(id);
    if (!resource) return;
    this.kinds.get(type)?.delete(id);
    this.emit({ kind: "destroyed", resource });
  }

  /** Makes the kind hold exactly these. */
  replace(type: string, specs: ReadonlyMap<string, SpecValue>): void {
    for (const [id, spec] of specs) this.put(type, id, spec);
    for (const { id } of this.list(type)) if (!specs.has(id)) this.remove(type, id);
  }

  get(type: string, id: string): SimResource | undefined {
    return this.kinds.get(type)?.get(id);
  }

  list(type: string): SimResource[] {
    return [...(this.kinds.get(type)?.values() ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Calls `notify` on every later change of the kind (or of one id) until the returned function is called. */
  watch(type: string, id: string | undefined, notify: (change: ResourceChange) => void): () => void {
    const watcher: Watcher = { type, id, notify };
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  private emit(change: ResourceChange): void {
    for (const watcher of [...this.watchers]) {
      if (watcher.type !== change.resource.type) continue;
      if (watcher.id === undefined || watcher.id === change.resource.id) watcher.notify(change);
    }
  }
}
