import { nodeCaps } from "@/lib/core/bounds/input-caps";
import { unary, type CallOptions } from "@/lib/talos/call";
import type { Channel } from "@/lib/talos/channel";
import { TalosError } from "@/lib/talos/errors";
import { EventType, StateService as state, type Event } from "@/lib/talos/gen/cosi/resource/state";
import type { ResourceDef } from "@/lib/talos/resource-def";
import { bytesOf, decodeMetadata, decodeResource, type Resource, spendChange } from "@/lib/talos/resource-decode";
import { serverStream, type StreamOptions } from "@/lib/talos/stream";
import { cleanText } from "@/lib/talos/text";

export { resourceDefs, type ResourceName } from "@/lib/talos/resource-defs";
export type { ResourceDef, SpecOf } from "@/lib/talos/resource-def";
export type { Resource, ResourceMetadata } from "@/lib/talos/resource-decode";

export type ResourceEvent<Spec> =
  /** The watch stands: from here on no change is missed. */
  | { kind: "established"; resource: null }
  /** All that existed has been sent as `created`. Only for watches without an id. */
  | { kind: "bootstrapped"; resource: null }
  | { kind: "created" | "updated"; resource: Resource<Spec> }
  /** Tombstones have no spec. */
  | { kind: "destroyed"; resource: Resource<null> };

const listDeadlineMs = 30_000;
const idsOf = ({ caps }: ResourceDef<unknown>) => caps?.ids ?? nodeCaps.idsPerType;
let watches = 0;

/** Counts what whoever follows a watch has to hold. */
function holdingOf(channel: Channel, def: ResourceDef<unknown>) {
  const { path } = state.watch;
  const name = `watch ${watches++}`;
  const sizes = new Map<string, number>();
  let bytes = 0;
  return {
    take({ eventType, resource }: Event): void {
      if (!resource) return;
      const id = resource.metadata?.id ?? "";
      const size = eventType === EventType.DESTROYED ? 0 : bytesOf(resource);
      bytes += size - (sizes.get(id) ?? 0);
      if (size === 0) sizes.delete(id);
      else sizes.set(id, size);
      channel.limits.atMost(path, sizes.size, idsOf(def), def.type);
      channel.limits.hold(name, path, bytes);
    },
    end(): void {
      sizes.clear();
      channel.limits.letGo(name);
    },
  };
}

/** Decodes one change; nothing for what says nothing. Throws when the node reports an error in the stream. */
function decodeEvent<Spec>(channel: Channel, def: ResourceDef<Spec>, event: Event): ResourceEvent<Spec>[] {
  switch (event.eventType) {
    case EventType.CREATED:
    case EventType.UPDATED: {
      const kind = event.eventType === EventType.CREATED ? "created" : "updated";
      return event.resource ? [{ kind, resource: decodeResource(channel, def, event.resource, state.watch.path) }] : [];
    }
    case EventType.DESTROYED:
      if (!event.resource) return [];
      spendChange(channel, event.resource.metadata, state.watch.path);
      return [{ kind: "destroyed", resource: { ...decodeMetadata(event.resource.metadata), spec: null } }];
    case EventType.BOOTSTRAPPED:
      return [{ kind: "bootstrapped", resource: null }];
    case EventType.ERRORED: {
      const facts = {
        kind: "node-failed",
        method: state.watch.path,
        address: channel.address.text,
        details: event.error,
      } as const;
      throw new TalosError(
        `The watch of ${def.type} failed on ${facts.address}: ${cleanText(event.error, { max: 300 })}.`,
        facts,
      );
    }
    default:
      return [];
  }
}

/** COSI resources, role `os:reader`, sensitive ones `os:admin`. "unknown-resource" = this release does not have the type. */
export const resourceCalls = (channel: Channel) => ({
  /** One resource; "not-found" when there is none with this id. */
  async get<Spec>(
    def: ResourceDef<Spec>,
    id: string | undefined = def.id,
    options?: CallOptions,
  ): Promise<Resource<Spec>> {
    const { namespace, type } = def;
    const method = state.get;
    const { resource } = await unary(channel, method, { namespace, type, id: id ?? "", options: {} }, options);
    if (resource) return decodeResource(channel, def, resource, method.path);
    const facts = { kind: "not-found", method: method.path, address: channel.address.text } as const;
    throw new TalosError(`${facts.address} answered without the ${type} that was asked for.`, facts);
  },

  /** All resources of a type. */
  async listResources<Spec>(def: ResourceDef<Spec>, options?: CallOptions): Promise<Resource<Spec>[]> {
    const { namespace, type } = def;
    const method = state.list;
    const resources: Resource<Spec>[] = [];
    let bytes = 0;
    const stream = serverStream(
      channel,
      {
        method,
        request: { namespace, type, options: { labelQuery: [], idQuery: undefined } },
        decode({ resource }) {
          if (!resource) return [];
          bytes += bytesOf(resource);
          channel.limits.hold(`list ${type}`, method.path, bytes);
          return [decodeResource(channel, def, resource, method.path)];
        },
      },
      { deadlineMs: listDeadlineMs, ...options },
    );
    for await (const resource of stream) {
      resources.push(resource);
      channel.limits.atMost(method.path, resources.length, idsOf(def), `${type}`);
    }
    return resources;
  },

  /**
   * Follows a type, or one id of it. First `established`; then what exists as `created` and, without an id, `bootstrapped`; then changes. With
   * an id that does not exist the first change is `destroyed`. Never ends well: a restart of the node is a "rolled-stream".
   */
  watch<Spec>(
    def: ResourceDef<Spec>,
    { id }: { id?: string } = {},
    options?: StreamOptions,
  ): AsyncIterable<ResourceEvent<Spec>> {
    const { namespace, type } = def;
    let established = false;
    const holding = holdingOf(channel, def);
    return serverStream(
      channel,
      {
        method: state.watch,
        request: {
          namespace,
          type,
          id,
          // A watch of one id starts with its state by itself and refuses to be told so.
          options: {
            bootstrapContents: id === undefined,
            tailEvents: 0,
            labelQuery: [],
            idQuery: undefined,
            aggregated: false,
            startFromBookmark: Buffer.alloc(0),
            bootstrapBookmark: false,
          },
          apiVersion: 1,
        },
        decode({ event }): ResourceEvent<Spec>[] {
          const changes = event.flatMap((change) => {
            holding.take(change);
            return decodeEvent(channel, def, change);
          });
          if (established) return changes;
          established = true;
          return [{ kind: "established", resource: null }, ...changes];
        },
        endless: true,
        onEnd: () => holding.end(),
      },
      options,
    );
  },
});
