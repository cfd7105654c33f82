import { status } from "@grpc/grpc-js";
import {
  EventType,
  type Event,
  type ListOptions,
  type StateServer,
  type WatchOptions,
  type WatchRequest,
} from "@/lib/talos/gen/cosi/resource/state";
import { runDetached } from "../clock";
import { publishMeta } from "../node/publish-meta";
import { keepPublishingUsage, publishUsage } from "../node/publish-usage";
import { hasNamespace, resourceKind } from "../resources/catalogue";
import type { ResourceChange } from "../resources/history";
import type { KindFacts } from "../resources/kind";
import type { SimResource } from "../resources/resource";
import { changeEvent, event, matchesWithoutLabels, resourceMessage, tombstone } from "./cosi-message";
import { RpcError, type Caller, type Rpc } from "./rpc";

/**
 * Talos' access policy (internal/app/resources/access.go): unknown and sensitive types are both "permission denied". Types are
 * compared without regard to case here, and nowhere else.
 */
function permit({ node, roles }: Caller, { namespace, type }: { namespace: string; type: string }): KindFacts {
  const { release } = node.running;
  const kind = resourceKind(type, release);
  if (!kind) throw new RpcError(status.PERMISSION_DENIED, `resource type ${JSON.stringify(type)} is not supported`);
  if (kind.sensitive && !roles.includes("os:admin")) throw new RpcError(status.PERMISSION_DENIED, "not authorized");
  if (!hasNamespace(namespace, release))
    throw new RpcError(status.PERMISSION_DENIED, `namespace ${JSON.stringify(namespace)} is not supported`);
  if (kind.namespace === "perf") publishUsage(node);
  if (kind.namespace === "meta") publishMeta(node);
  return kind;
}

type Filter = (resource: SimResource) => boolean;

/** What a request asks for, of its namespace. */
function filterOf(
  namespace: string,
  options: Partial<Pick<ListOptions, "idQuery" | "labelQuery">> | undefined,
): Filter {
  const labels = matchesWithoutLabels(options?.labelQuery ?? []);
  const regexp = options?.idQuery?.regexp ?? "";
  let pattern: RegExp;
  try {
    pattern = new RegExp(regexp);
  } catch (error) {
    throw new RpcError(status.INVALID_ARGUMENT, `failed to compile regexp: ${String(error)}`);
  }
  return ({ kind, id }) => labels && kind.namespace === namespace && pattern.test(id);
}

/** cosi.resource.State: what a node's resources are, and how they change. */
export function stateService(rpc: Rpc): StateServer {
  return {
    get: rpc.unary((caller, request) => {
      permit(caller, request);
      const { namespace, type, id } = request;
      const resource = caller.node.resources.get({ type }, id);
      if (resource?.kind.namespace === namespace) return { resource: resourceMessage(resource) };
      throw new RpcError(status.NOT_FOUND, `resource ${type}(${namespace}/${id}@undefined) doesn't exist`);
    }),
    list: rpc.stream(async (caller, request, out) => {
      const wanted = filterOf(request.namespace, request.options);
      permit(caller, request);
      for (const resource of caller.node.resources.list(request))
        if (wanted(resource)) await out.send({ resource: resourceMessage(resource) });
    }),
    watch: rpc.stream(async (caller, request, out) => {
      const { node } = caller;
      const { id, options } = request;
      if (id !== undefined) refuseForOne(options);
      const wanted = filterOf(request.namespace, options);
      const kind = permit(caller, request);
      const from = startOf(caller, request, wanted);
      await out.send({ event: [] });
      const send = (one: Event) => void out.send({ event: [one] });
      const bookmark = (position: number) => node.resources.bookmark(position);
      for (const { position, change } of from === null ? [] : node.resources.history(request).after(from))
        if (concerns(change, id, wanted)) send(changeEvent(change, bookmark(position)));
      const first = from === null ? openingEvents(caller, request, wanted) : [];
      if (options?.aggregated && first.length > 0) void out.send({ event: first });
      else first.forEach(send);
      if (kind.namespace === "perf") runDetached(keepPublishingUsage(node, out.signal), node.world.report);
      const stop = node.resources.watch(request, id, (change, position) => {
        if (wanted(change.resource)) send(changeEvent(change, bookmark(position)));
      });
      try {
        await out.untilGone();
      } finally {
        stop();
      }
    }),
  };
}

const concerns = (change: ResourceChange, id: string | undefined, wanted: Filter): boolean =>
  (id === undefined || change.resource.id === id) && wanted(change.resource);

function refuseForOne(options: WatchOptions | undefined): void {
  if (options?.bootstrapContents)
    throw new RpcError(status.UNIMPLEMENTED, "bootstrap contents is not implemented for resource watch");
  if ((options?.labelQuery.length ?? 0) > 0)
    throw new RpcError(status.UNIMPLEMENTED, "label query is not implemented for resource watch");
}

/** The position in the history after which a watch starts; null for now. */
function startOf({ node }: Caller, request: WatchRequest, wanted: Filter): number | null {
  const { id, options } = request;
  const history = node.resources.history(request);
  const tail = options?.tailEvents ?? 0;
  const bookmark = options?.startFromBookmark ?? Buffer.alloc(0);
  if ([options?.bootstrapContents, tail > 0, bookmark.length > 0].filter(Boolean).length > 1)
    throw new RpcError(status.UNKNOWN, "bootstrap contents, tail events and a bookmark cannot be used together");
  if (tail > 0) return history.before(tail, (change) => id === undefined || concerns(change, id, wanted));
  if (bookmark.length === 0) return null;
  const position = node.resources.positionOf(bookmark);
  if (position === null || !history.reaches(position, id === undefined))
    throw new RpcError(status.FAILED_PRECONDITION, "invalid watch bookmark");
  return position;
}

/**
 * What comes before the changes: of one id what it is now (a tombstone where it does not exist); of a kind what there is, when
 * asked for, and then its end, which only newer clients are told of.
 */
function openingEvents({ node }: Caller, request: WatchRequest, wanted: Filter): Event[] {
  const { namespace, type, id, options } = request;
  const { resources } = node;
  const absent = (name: string) => tombstone(namespace, type, name, node.nowMs());
  if (id !== undefined) {
    const resource = resources.get(request, id);
    return [
      resource && wanted(resource)
        ? event(EventType.CREATED, resourceMessage(resource))
        : event(EventType.DESTROYED, absent(id)),
    ];
  }
  const position = resources.bookmark(resources.history(request).end - 1);
  const contents = options?.bootstrapContents ? resources.list(request).filter(wanted) : [];
  return [
    ...contents.map((resource) => event(EventType.CREATED, resourceMessage(resource))),
    ...(options?.bootstrapContents && request.apiVersion >= 1
      ? [event(EventType.BOOTSTRAPPED, absent(""), position)]
      : []),
    ...(options?.bootstrapBookmark ? [event(EventType.NOOP, absent(""), position)] : []),
  ];
}
