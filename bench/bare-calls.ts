import { Client, credentials, Metadata, status, type ClientReadableStream, type ServiceError } from "@grpc/grpc-js";
import { checkServerIdentity, createSecureContext } from "node:tls";
import { EventType, StateService as state, type WatchResponse } from "@/lib/talos/gen/cosi/resource/state";
import { MachineServiceService as machine } from "@/lib/talos/gen/machine/machine";
import { toNodeKeyPem } from "@/lib/talos/pem";
import { resourceDefs, type ResourceName } from "@/lib/talos/resource-defs";

type Method<Request, Response> = {
  path: string;
  requestSerialize: (value: Request) => Buffer;
  responseDeserialize: (bytes: Buffer) => Response;
};
export type ClientFiles = { caPem: string; certPem: string; keyPem: string };
export type Connect = (endpoint: string) => Client;

const deadlineMs = 60_000;
const absent = new Set([status.NOT_FOUND, status.UNIMPLEMENTED, status.PERMISSION_DENIED]);

/** One TLS context for all nodes, as anyone would do it. */
export function connectWith({ caPem, certPem, keyPem }: ClientFiles): Connect {
  const context = createSecureContext({ ca: caPem, cert: certPem, key: toNodeKeyPem(keyPem), minVersion: "TLSv1.2" });
  return (endpoint) => {
    const host = endpoint.slice(0, endpoint.lastIndexOf(":"));
    const identity = credentials.createFromSecureContext(context, {
      checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate),
    });
    return new Client(endpoint, identity, {
      "grpc.ssl_target_name_override": "talos",
      "grpc.use_local_subchannel_pool": 1,
      "grpc.service_config_disable_resolution": 1,
      "grpc.max_receive_message_length": 32 * 1024 * 1024,
    });
  };
}

function call<Request, Response>(client: Client, method: Method<Request, Response>, request: Request) {
  return new Promise<Response | null>((resolve, reject) => {
    client.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      new Metadata(),
      { deadline: Date.now() + deadlineMs },
      (error, value) => {
        if (error && !absent.has(error.code)) reject(error);
        else resolve(error ? null : (value ?? null));
      },
    );
  });
}

function open<Request, Response>(client: Client, method: Method<Request, Response>, request: Request, bounded = true) {
  return client.makeServerStreamRequest(
    method.path,
    method.requestSerialize,
    method.responseDeserialize,
    request,
    new Metadata(),
    bounded ? { deadline: Date.now() + deadlineMs } : {},
  );
}

function collect<Response>(stream: ClientReadableStream<Response>): Promise<Response[]> {
  return new Promise((resolve, reject) => {
    const items: Response[] = [];
    stream.on("data", (item: Response) => items.push(item));
    stream.on("end", () => resolve(items));
    // A folder that is not there is an "unknown" that says so.
    const isAbsent = ({ code, details }: ServiceError) => absent.has(code) || /no such file/.test(details);
    stream.on("error", (error: ServiceError) => (isAbsent(error) ? resolve([]) : reject(error)));
  });
}

const resource = (name: ResourceName) => {
  const { namespace, type, id } = resourceDefs[name];
  return { namespace, type, id: id ?? "" };
};
const get = (client: Client, name: ResourceName) => call(client, state.get, { ...resource(name), options: {} });
const list = (client: Client, name: ResourceName) => {
  const { namespace, type } = resource(name);
  return collect(open(client, state.list, { namespace, type, options: { labelQuery: [], idQuery: undefined } }));
};

/** Resolves when everything that exists has been sent; stays open and reads on. */
function watch(client: Client, name: ResourceName): Promise<void> {
  const { namespace, type } = resource(name);
  const options = {
    bootstrapContents: true,
    tailEvents: 0,
    labelQuery: [],
    idQuery: undefined,
    aggregated: false,
    startFromBookmark: Buffer.alloc(0),
    bootstrapBookmark: false,
  };
  const stream = open(client, state.watch, { namespace, type, id: undefined, options, apiVersion: 1 }, false);
  return new Promise((resolve, reject) => {
    stream.on("data", ({ event }: WatchResponse) => {
      if (event.some(({ eventType }) => eventType === EventType.BOOTSTRAPPED)) resolve();
    });
    stream.on("error", (error: ServiceError) =>
      absent.has(error.code) || error.code === status.CANCELLED ? resolve() : reject(error),
    );
  });
}

/** What a first look asks of a node, beside its system information: who it is, its hardware and its software. */
const facts = (client: Client) =>
  Promise.all([
    call(client, machine.version, {}),
    ...(
      ["version", "machineType", "clusterInfo", "nodename", "hostnameStatus", "bootId", "kubeletStatus"] as const
    ).map((name) => get(client, name)),
    ...(["systemDisk", "kernelCmdline", "securityState", "imageFactorySchematic"] as const).map((name) =>
      get(client, name),
    ),
    ...(["linkStatus", "processor", "memoryModule", "disk", "pciDevice", "extensionStatus"] as const).map((name) =>
      list(client, name),
    ),
  ]);

/** The calls of an import for one node. */
export async function readOnce(client: Client): Promise<void> {
  await call(client, machine.version, {});
  await Promise.all([get(client, "systemInformation"), facts(client)]);
}

/** The calls up to a node's first snapshot, on a connection of its own. */
export async function readFirst(client: Client): Promise<void> {
  await get(client, "machineStatus");
  await get(client, "systemInformation");
  await Promise.all([facts(client), get(client, "machineStatus")]);
}

const gpuFolders = ["nvidia", "amdgpu", "i915", "xe", "vfio-pci"].map((driver) => `/sys/bus/pci/drivers/${driver}`);
const watched = [
  "machineStatus",
  "kernelModuleStatus",
  "pciDevice",
  "diagnostic",
  "extensionStatus",
  "nodeAddress",
  "hostnameStatus",
] as const;

/** What stays open on a node, and what is read beside it: watches, events, the kernel log, services, counters, GPU evidence. */
export async function follow(client: Client, controlPlane: boolean): Promise<void> {
  const ignore = (stream: ClientReadableStream<unknown>) => stream.on("error", () => undefined).resume();
  ignore(open(client, machine.events, { tailEvents: 0, tailId: "", tailSeconds: 0, withActorId: "" }, false));
  ignore(open(client, machine.dmesg, { follow: true, tail: false }, false));
  const folder = (root: string) => ({ root, recurse: false, recursionDepth: 1, types: [], reportXattrs: false });
  await Promise.all([
    ...watched.map((name) => watch(client, name)),
    call(client, machine.serviceList, {}),
    call(client, machine.systemStat, {}),
    call(client, machine.memory, {}),
    call(client, machine.loadAvg, {}),
    call(client, machine.networkDeviceStats, {}),
    call(client, machine.diskStats, {}),
    ...[...gpuFolders, "/sys/module", "/dev"].map((root) => collect(open(client, machine.list, folder(root)))),
    ...(controlPlane
      ? [
          call(client, machine.etcdStatus, {}),
          call(client, machine.etcdMemberList, { queryLocal: false }),
          call(client, machine.etcdAlarmList, {}),
        ]
      : []),
  ]);
}
