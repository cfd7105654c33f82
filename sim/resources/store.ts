import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { History, type ResourceChange } from "./history";
import type { KindFacts, ResourceKind, SpecInput } from "./kind";
import { SimResource } from "./resource";

type TypeOf = Pick<KindFacts, "type">;
type Notify = (change: ResourceChange, position: number) => void;
type Watcher = { type: string; id: string | undefined; notify: Notify };

const cookieBytes = 8;

/** The resources of one boot of one node, in memory; everything is gone after a reboot, as on a real node. */
export class ResourceStore {
  private readonly kinds = new Map<string, Map<string, SimResource>>();
  private readonly histories = new Map<string, History>();
  private readonly watchers = new Set<Watcher>();
  /** Makes bookmarks of other boots invalid. */
  private readonly cookie = randomBytes(cookieBytes);

  constructor(
    private readonly release: string,
    private readonly nowMs: () => number,
  ) {}

  /** Creates or updates; an equal spec changes nothing and wakes nobody. */
  put<Spec>(
    kind: ResourceKind<Spec>,
    id: string,
    spec: SpecInput<Spec>,
    annotations: Readonly<Record<string, string>> = {},
  ): void {
    const known = this.kinds.get(kind.type) ?? new Map<string, SimResource>();
    this.kinds.set(kind.type, known);
    const old = known.get(id);
    if (old && isDeepStrictEqual(old.input, spec)) return;
    const now = this.nowMs();
    const resource = new SimResource(
      kind,
      id,
      (old?.version ?? 0) + 1,
      { createdMs: old?.times.createdMs ?? now, updatedMs: now },
      annotations,
      spec,
      () => kind.encode(spec, this.release),
    );
    known.set(id, resource);
    this.emit(old ? { kind: "updated", resource, old } : { kind: "created", resource });
  }

  remove({ type }: TypeOf, id: string): void {
    const resource = this.kinds.get(type)?.get(id);
    if (!resource) return;
    this.kinds.get(type)?.delete(id);
    this.emit({ kind: "destroyed", resource });
  }

  /** Makes the kind hold exactly these. */
  replace<Spec>(kind: ResourceKind<Spec>, specs: ReadonlyMap<string, SpecInput<Spec>>): void {
    for (const [id, spec] of specs) this.put(kind, id, spec);
    for (const { id } of this.list(kind)) if (!specs.has(id)) this.remove(kind, id);
  }

  get({ type }: TypeOf, id: string): SimResource | undefined {
    return this.kinds.get(type)?.get(id);
  }

  list({ type }: TypeOf): SimResource[] {
    return [...(this.kinds.get(type)?.values() ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  history({ type }: TypeOf): History {
    const history = this.histories.get(type) ?? new History();
    this.histories.set(type, history);
    return history;
  }

  /** Calls `notify` on every later change of the kind (or of one id) until the returned function is called. */
  watch({ type }: TypeOf, id: string | undefined, notify: Notify): () => void {
    const watcher: Watcher = { type, id, notify };
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  /** What COSI calls a bookmark: this boot, and a position in the history of a type. */
  bookmark(position: number): Buffer {
    const bytes = Buffer.alloc(cookieBytes + 8);
    this.cookie.copy(bytes);
    bytes.writeBigInt64BE(BigInt(position), cookieBytes);
    return bytes;
  }

  /** The position of a bookmark of this boot; null for any other. */
  positionOf(bookmark: Buffer): number | null {
    if (bookmark.length !== cookieBytes + 8 || !bookmark.subarray(0, cookieBytes).equals(this.cookie)) return null;
    return Number(bookmark.readBigInt64BE(cookieBytes));
  }

  private emit(change: ResourceChange): void {
    const { kind, id } = change.resource;
    const position = this.history(kind).push(change);
    for (const watcher of [...this.watchers]) {
      if (watcher.type !== kind.type) continue;
      if (watcher.id === undefined || watcher.id === id) watcher.notify(change, position);
    }
  }
}
