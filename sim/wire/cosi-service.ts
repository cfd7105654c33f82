import { status } from "@grpc/grpc-js";
import { EventType, type Event, type Resource, type StateServer } from "@/lib/talos/gen/cosi/resource/state";
import { namespaces, resourceKind } from "../resources/catalogue";
import type { ResourceChange, SimResource } from "../resources/store";
import { yamlSpec } from "../resources/yaml-spec";
import { RpcError, type Caller, type Rpc } from "./rpc";

/** Talos' access policy (internal/app/resources/access.go): unknown and sensitive types are both "permission denied". */
function permitted({ node, roles }: Caller, namespace: string, type: string): string {
  const kind = resourceKind(type, node.running.release);
  if (!kind) throw new RpcError(status.PERMISSION_DENIED, `resource type "${type}" is not supported`);
  if (kind.sensitive && !roles.includes("os:admin")) throw new RpcError(status.PERMISSION_DENIED, "not authorized");
  if (!namespaces.has(namespace))
    throw new RpcError(status.PERMISSION_DENIED, `namespace "${namespace}" is not supported`);
  return kind.type;
}

const noSpec = { protoSpec: Buffer.alloc(0), yamlSpec: "" };

function message(resource: SimResource, tombstone = false): Resource {
  return {
    metadata: {
      namespace: resource.namespace,
      type: resource.type,
      id: resource.id,
      version: String(resource.version),
      owner: resource.owner,
      phase: "running",
      created: new Date(resource.createdMs),
      updated: new Date(resource.updatedMs),
      finalizers: [],
      labels: {},
      annotations: { ...resource.annotations },
    },
    spec: tombstone ? noSpec : { protoSpec: Buffer.alloc(0), yamlSpec: yamlSpec(resource.spec) },
  };
}

const event = (eventType: EventType, resource?: Resource, old?: Resource): Event => ({
  eventType,
  resource,
  old,
  error: "",
  bookmark: Buffer.alloc(0),
});

function changeEvent(change: ResourceChange): Event {
  if (change.kind === "created") return event(EventType.CREATED, message(change.resource));
  if (change.kind === "updated") return event(EventType.UPDATED, message(change.resource), message(change.old));
  return event(EventType.DESTROYED, message(change.resource, true));
}

/** cosi.resource.State: what a node's resources are, and how they change. */
export function stateService(rpc: Rpc): StateServer {
  return {
    get: rpc.unary((caller, request) => {
      const type = permitted(caller, request.namespace, request.type);
      const resource = caller.node.resources.get(type, request.id);
      if (!resource || resource.namespace !== request.namespace)
        throw new RpcError(
          status.NOT_FOUND,
          `resource ${request.type}(${request.namespace}/${request.id}@undefined) doesn't exist`,
        );
      return { resource: message(resource) };
    }),
    list: rpc.stream(async (caller, request, out) => {
      const type = permitted(caller, request.namespace, request.type);
      const pattern = idPattern(request.options?.idQuery?.regexp);
      for (const resource of caller.node.resources.list(type)) {
        if (resource.namespace === request.namespace && pattern.test(resource.id))
          await out.send({ resource: message(resource) });
      }
    }),
    watch: rpc.stream(async (caller, request, out) => {
      const { node } = caller;
      const type = permitted(caller, request.namespace, request.type);
      const single = request.id !== undefined && request.id !== "" ? request.id : undefined;
      const bootstrap = request.options?.bootstrapContents ?? false;
      if (single !== undefined && bootstrap)
        throw new RpcError(status.UNIMPLEMENTED, "bootstrap contents is not supported for single resource watches");
      if ((request.options?.startFromBookmark.length ?? 0) > 0)
        throw new RpcError(status.FAILED_PRECONDITION, "invalid watch bookmark");
      const pattern = idPattern(request.options?.idQuery?.regexp);
      const relevant = (resource: SimResource) => resource.namespace === request.namespace && pattern.test(resource.id);
      await out.send({ event: [] });
      const stop = node.resources.watch(type, single, (change) => {
        if (relevant(change.resource)) void out.send({ event: [changeEvent(change)] });
      });
      try {
        if (single !== undefined) await out.send({ event: [currentOf(caller, type, request.namespace, single)] });
        if (bootstrap) {
          const events = node.resources
            .list(type)
            .filter(relevant)
            .map((resource) => event(EventType.CREATED, message(resource)));
          const end = event(EventType.BOOTSTRAPPED);
          if (request.options?.aggregated) await out.send({ event: [...events, end] });
          else for (const one of [...events, end]) void out.send({ event: [one] });
        }
        await out.untilGone();
      } finally {
        stop();
      }
    }),
  };
}

const idPattern = (regexp: string | undefined): RegExp => (regexp ? new RegExp(regexp) : /^/);

/** A watch of one id starts with what it is now: a tombstone where it does not exist. */
function currentOf({ node }: Caller, type: string, namespace: string, id: string): Event {
  const resource = node.resources.get(type, id);
  if (resource) return event(EventType.CREATED, message(resource));
  const absent: SimResource = {
    namespace,
    type,
    id,
    version: 0,
    owner: "",
    createdMs: 0,
    updatedMs: 0,
    spec: null,
    annotations: {},
  };
  return event(EventType.DESTROYED, message(absent, true));
}
