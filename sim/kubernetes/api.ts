import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { budgetObject, listObject, nodeObject, podObject, statusObject } from "./objects";
import type { ClusterState, KubeNode } from "./cluster-state";
import type { Pod } from "./pods";

type Answer = { code: number; body: unknown };

const notFound = (kind: string, name: string): Answer => ({
  code: 404,
  body: statusObject(404, "NotFound", `${kind} "${name}" not found`, { name, kind }),
});

/** The parts of a node that a client may patch. */
const nodePatch = z.looseObject({
  metadata: z
    .looseObject({
      labels: z.record(z.string(), z.string().nullable()).optional(),
      annotations: z.record(z.string(), z.string().nullable()).optional(),
    })
    .optional(),
  spec: z.looseObject({ unschedulable: z.boolean().nullable().optional() }).optional(),
});
const jsonPatch = z.array(
  z.looseObject({ op: z.enum(["add", "replace", "remove"]), path: z.string(), value: z.unknown().optional() }),
);

function merge(target: Record<string, string>, patch: Record<string, string | null> | undefined): void {
  for (const [key, value] of Object.entries(patch ?? {})) {
    if (value === null) delete target[key];
    else target[key] = value;
  }
}

function patchNode(state: ClusterState, kube: KubeNode, contentType: string, text: string): Answer {
  const body: unknown = JSON.parse(text);
  if (contentType.startsWith("application/json-patch+json")) {
    for (const { op, path, value } of jsonPatch.parse(body)) {
      if (path === "/spec/unschedulable") state.setUnschedulable(kube.node.hostname, op !== "remove" && value === true);
      const annotation = /^\/metadata\/(annotations|labels)\/(.+)$/.exec(path);
      if (annotation)
        merge(annotation[1] === "labels" ? kube.labels : kube.annotations, {
          [(annotation[2] ?? "").replaceAll("~1", "/").replaceAll("~0", "~")]: op === "remove" ? null : String(value),
        });
    }
  } else {
    const patch = nodePatch.parse(body);
    merge(kube.labels, patch.metadata?.labels);
    merge(kube.annotations, patch.metadata?.annotations);
    if (patch.spec && "unschedulable" in patch.spec)
      state.setUnschedulable(kube.node.hostname, patch.spec.unschedulable === true);
  }
  state.publishStatus(kube.node.hostname);
  state.emit({ type: "MODIFIED", kind: "Node", key: kube.node.hostname });
  return { code: 200, body: nodeObject(state, kube) };
}

function podsOf(state: ClusterState, url: URL, namespace: string | null): Pod[] {
  const field = /(?:^|,)spec\.nodeName=([^,]+)/.exec(url.searchParams.get("fieldSelector") ?? "")?.[1];
  return [...state.pods.values()].filter(
    (pod) => (namespace === null || pod.namespace === namespace) && (field === undefined || pod.nodeName === field),
  );
}

function evict(state: ClusterState, pod: Pod): Answer {
  const budget = state.blocking(pod);
  if (budget) {
    const current = state.healthy(budget).length;
    const cause = {
      reason: "DisruptionBudget",
      message: `The disruption budget ${budget.name} needs ${budget.minAvailable} healthy pods and has ${current} currently`,
    };
    return {
      code: 429,
      body: statusObject(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.", {
        causes: [cause],
        retryAfterSeconds: 0,
      }),
    };
  }
  state.delete(pod);
  return { code: 201, body: statusObject(201, "", "") };
}

/** Streams changes of nodes or pods as the API server's watch does, until the client goes away. */
function watch(state: ClusterState, kind: "Node" | "Pod", response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/json" });
  const stop = state.follow((event) => {
    if (event.kind !== kind) return;
    const node = state.nodes.get(event.key);
    const pod = state.pods.get(event.key);
    const object =
      kind === "Node"
        ? node && nodeObject(state, node)
        : pod
          ? podObject(state, pod)
          : {
              kind: "Pod",
              apiVersion: "v1",
              metadata: { namespace: event.key.split("/")[0], name: event.key.split("/")[1] },
            };
    if (object) response.write(`${JSON.stringify({ type: event.type, object })}\n`);
  });
  response.on("close", stop);
}

/** Answers one request of the Kubernetes API; a watch keeps the response open. */
export function answerKubernetes(
  state: ClusterState,
  request: IncomingMessage,
  response: ServerResponse,
  text: string,
): void {
  const url = new URL(request.url ?? "/", "https://localhost");
  if (url.searchParams.get("watch") === "true" || url.searchParams.get("watch") === "1") {
    if (url.pathname === "/api/v1/nodes") return watch(state, "Node", response);
    if (url.pathname === "/api/v1/pods") return watch(state, "Pod", response);
  }
  const { code, body } = route(state, request, url, text);
  response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function route(state: ClusterState, request: IncomingMessage, url: URL, text: string): Answer {
  const { method } = request;
  const path = url.pathname;
  if (path === "/version")
    return { code: 200, body: { major: "1", minor: "36", gitVersion: "v1.36.2", platform: "linux/amd64" } };
  if (path === "/livez" || path === "/readyz" || path === "/healthz") return { code: 200, body: "ok" };
  if (path === "/api/v1/nodes" && method === "GET")
    return {
      code: 200,
      body: listObject(
        state,
        "NodeList",
        "v1",
        [...state.nodes.values()].map((node) => nodeObject(state, node)),
      ),
    };
  const namespaces = ["default", "kube-node-lease", "kube-public", "kube-system"];
  const namespace = /^\/api\/v1\/namespaces\/([^/]+)$/.exec(path)?.[1];
  if (namespace !== undefined && method === "GET" && namespaces.includes(namespace))
    return {
      code: 200,
      body: { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace }, status: { phase: "Active" } },
    };
  const nodeName = /^\/api\/v1\/nodes\/([^/]+)$/.exec(path)?.[1];
  if (nodeName !== undefined) {
    const node = state.nodes.get(nodeName);
    if (!node) return notFound("nodes", nodeName);
    return method === "PATCH"
      ? patchNode(state, node, request.headers["content-type"] ?? "", text)
      : { code: 200, body: nodeObject(state, node) };
  }
  if (path === "/apis/policy/v1/poddisruptionbudgets")
    return {
      code: 200,
      body: listObject(
        state,
        "PodDisruptionBudgetList",
        "policy/v1",
        state.budgets.map((budget) => budgetObject(state, budget)),
      ),
    };
  const budgets = /^\/apis\/policy\/v1\/namespaces\/([^/]+)\/poddisruptionbudgets$/.exec(path)?.[1];
  if (budgets !== undefined)
    return {
      code: 200,
      body: listObject(
        state,
        "PodDisruptionBudgetList",
        "policy/v1",
        state.budgets.filter(({ namespace }) => namespace === budgets).map((budget) => budgetObject(state, budget)),
      ),
    };
  return podRoute(state, method, url, path);
}

function podRoute(state: ClusterState, method: string | undefined, url: URL, path: string): Answer {
  const podList = (namespace: string | null): Answer => ({
    code: 200,
    body: listObject(
      state,
      "PodList",
      "v1",
      podsOf(state, url, namespace).map((pod) => podObject(state, pod)),
    ),
  });
  if (path === "/api/v1/pods") return podList(null);
  const [, namespace = "", , name, sub] =
    /^\/api\/v1\/namespaces\/([^/]+)\/pods(\/([^/]+)(?:\/([a-z]+))?)?$/.exec(path) ?? [];
  if (namespace === "")
    return { code: 404, body: statusObject(404, "NotFound", "the server could not find the requested resource") };
  if (name === undefined) return podList(namespace);
  const pod = state.pods.get(`${namespace}/${name}`);
  if (!pod) return notFound("pods", name);
  if (sub === "eviction" && method === "POST") return evict(state, pod);
  if (method === "DELETE") state.delete(pod);
  return { code: 200, body: podObject(state, pod) };
}
