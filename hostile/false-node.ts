import {
  Server,
  ServerCredentials,
  status,
  type ServerWritableStream,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { EventType, StateService, type Event, type Resource } from "@/lib/talos/gen/cosi/resource/state";
import { MachineServiceService } from "@/lib/talos/gen/machine/machine";
import { resourceDefs } from "@/lib/talos/resources";
import { pour } from "./pour";
import { yamlBomb } from "./yaml-bomb";

/** What a machine that speaks the Talos API does to whoever reads it. */
export const nodeTricks = [
  "endless-ids",
  "endless-list",
  "endless-log",
  "endless-events",
  "huge-spec",
  "many-keys",
  "deep-config",
  "alias-config",
  "small-changes",
] as const;
export type NodeTrick = (typeof nodeTricks)[number];
export type ServerIdentity = { certPem: string; keyPem: string; caPem: string | null };

const metadata = (type: string, id: string) => ({
  ...{ namespace: "runtime", type, id, version: "1", owner: "hostile", phase: "running" },
  ...{ created: undefined, updated: undefined, finalizers: [], labels: {}, annotations: {} },
});
const resource = (type: string, id: string, yamlSpec: string): Resource => ({
  metadata: metadata(type, id),
  spec: { protoSpec: Buffer.alloc(0), yamlSpec },
});
const change = (of: Resource, eventType = EventType.CREATED): Event => ({
  ...{ eventType, resource: of, old: undefined, error: "", bookmark: Buffer.alloc(0) },
});

const modules = resourceDefs.kernelModuleStatus.type;
const configs = resourceDefs.machineConfig.type;
const running = "stage: running\nstatus:\n  ready: true\n  unmetConditions: []\n";
/** A little below what one connection may send for as long as it likes. */
const smallChangesPerSecond = 1_900;

type Request = { type: string; id?: string | undefined };

function specOf(trick: NodeTrick, { type }: Request): string | null {
  if (type === resourceDefs.machineStatus.type)
    return trick === "huge-spec" ? `stage: ${"x".repeat(900_000)}\n` : running;
  if (type !== configs) return null;
  return trick === "many-keys" || trick === "deep-config" || trick === "alias-config" ? yamlBomb(trick) : null;
}

/** Serves the API at an address, with one trick. @returns what ends it at once */
export async function serveFalseNode(
  { host, port }: { host: string; port: number },
  identity: ServerIdentity,
  trick: NodeTrick,
): Promise<() => void> {
  const most = 32 * 1024 * 1024;
  const server = new Server({ "grpc.max_send_message_length": most, "grpc.max_receive_message_length": most });
  const state = {
    get: (call: { request: Request }, reply: (error: object | null, answer?: unknown) => void) => {
      const spec = specOf(trick, call.request);
      if (spec === null) reply({ code: status.NOT_FOUND, details: "resource not found" });
      else reply(null, { resource: resource(call.request.type, call.request.id ?? "a", spec) });
    },
    list: (call: ServerWritableStream<Request, unknown>) => {
      if (trick !== "endless-list") return void call.end();
      pour(call as never, (at) => ({ resource: resource(call.request.type, `id-${at}`, "state: live\n") }));
    },
    watch: (call: ServerWritableStream<Request, unknown>) => {
      const { type, id = "one" } = call.request;
      const spec = specOf(trick, call.request);
      if (spec !== null) call.write({ event: [change(resource(type, id, spec))] });
      if (type !== modules) return;
      const one = (at: number) => change(resource(type, "one", `state: s${at}\nsize: ${at}\n`), EventType.UPDATED);
      if (trick === "small-changes") pour(call as never, (at) => ({ event: [one(at)] }), smallChangesPerSecond);
      if (trick === "endless-ids")
        pour(call as never, (at) => ({ event: [change(resource(type, `id-${at}`, "state: live\n"))] }));
    },
  };
  server.addService(StateService, state as unknown as UntypedServiceImplementation);
  const line = { metadata: undefined, bytes: Buffer.from("user: warning: [2026-01-01T00:00:00Z]: flood of lines\n") };
  const log = (call: ServerWritableStream<never, unknown>) =>
    trick === "endless-log" ? pour(call, () => line) : undefined;
  const machine = {
    dmesg: log,
    logs: log,
    events: (call: ServerWritableStream<never, unknown>) => {
      if (trick === "endless-events")
        pour(call, () => ({ metadata: undefined, data: undefined, id: "a".repeat(500), actorId: "" }));
    },
  };
  server.addService(MachineServiceService, machine as unknown as UntypedServiceImplementation);
  const credentials = ServerCredentials.createSsl(
    identity.caPem === null ? null : Buffer.from(identity.caPem),
    [{ private_key: Buffer.from(identity.keyPem), cert_chain: Buffer.from(identity.certPem) }],
    identity.caPem !== null,
  );
  await new Promise<void>((resolve, reject) =>
    server.bindAsync(`${host}:${port}`, credentials, (error) => (error ? reject(error) : resolve())),
  );
  return () => server.forceShutdown();
}
