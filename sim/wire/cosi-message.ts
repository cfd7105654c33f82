import { EventType, type Event, type LabelQuery, type Resource } from "@/lib/talos/gen/cosi/resource/state";
import { LabelTerm_Operation as Operation } from "@/lib/talos/gen/cosi/resource/state";
import type { ResourceChange } from "../resources/history";
import type { SimResource } from "../resources/resource";

/** A resource as COSI sends it. */
export function resourceMessage(resource: SimResource): Resource {
  const { kind, times } = resource;
  return {
    metadata: {
      namespace: kind.namespace,
      type: kind.type,
      id: resource.id,
      version: String(resource.version),
      owner: kind.owner,
      phase: "running",
      created: new Date(times.createdMs),
      updated: new Date(times.updatedMs),
      finalizers: [],
      labels: {},
      annotations: { ...resource.annotations },
    },
    spec: resource.spec,
  };
}

/** A resource that does not exist: metadata alone. */
export function tombstone(namespace: string, type: string, id: string, nowMs: number): Resource {
  const now = new Date(nowMs);
  return {
    metadata: {
      namespace,
      type,
      id,
      version: "undefined",
      owner: "",
      phase: "running",
      created: now,
      updated: now,
      finalizers: [],
      labels: {},
      annotations: {},
    },
    spec: { protoSpec: Buffer.alloc(0), yamlSpec: "" },
  };
}

export const event = (
  eventType: EventType,
  resource: Resource,
  bookmark: Buffer = Buffer.alloc(0),
  old?: Resource,
): Event => ({
  eventType,
  resource,
  old,
  error: "",
  bookmark,
});

/** A change, with the resource as it was last where it is gone. */
export function changeEvent(change: ResourceChange, bookmark: Buffer): Event {
  const resource = resourceMessage(change.resource);
  if (change.kind === "created") return event(EventType.CREATED, resource, bookmark);
  if (change.kind === "updated") return event(EventType.UPDATED, resource, bookmark, resourceMessage(change.old));
  return event(EventType.DESTROYED, resource, bookmark);
}

/** No resource of the simulator has labels: a query matches if each of its terms asks for one that is absent. Any query will do. */
export const matchesWithoutLabels = (queries: readonly LabelQuery[]): boolean =>
  queries.length === 0 ||
  queries.some(({ terms }) => terms.every(({ op, invert }) => op === Operation.NOT_EXISTS || invert));
