import { status, type handleServerStreamingCall, type handleUnaryCall, type Metadata } from "@grpc/grpc-js";
import { PowerLoss, ServingEnded } from "../clock";
import type { SimNode } from "../node/node";
import type { World } from "../world";

/** What a handler throws to answer with a gRPC status. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  constructor(
    readonly code: status,
    readonly details: string,
  ) {
    super(details);
  }
}

/** Who calls which node, as the interceptor found out. */
export type Caller = { node: SimNode; roles: readonly string[] };

const nodeKey = "sim-node";
const rolesKey = "sim-roles";

/** The interceptor's findings travel to the handler in metadata that no client can set. */
export function writeCaller(metadata: Metadata, node: SimNode, roles: readonly string[]): void {
  metadata.set(nodeKey, node.name);
  metadata.set(rolesKey, roles.join(","));
}

function callerOf(world: World, metadata: Metadata): Caller {
  const node = world.nodes.get(String(metadata.get(nodeKey)[0] ?? ""));
  if (!node) throw new RpcError(status.INTERNAL, "no such node");
  return { node, roles: String(metadata.get(rolesKey)[0] ?? "").split(",") };
}

function statusOf(world: World, error: unknown): { code: status; details: string } {
  if (error instanceof RpcError) return { code: error.code, details: error.details };
  if (error instanceof PowerLoss) return { code: status.UNAVAILABLE, details: "error reading from server: EOF" };
  world.report(error);
  return { code: status.INTERNAL, details: error instanceof Error ? error.message : String(error) };
}

/** Makes handlers for one fleet. */
export type Rpc = {
  unary<Request, Response>(
    handle: (caller: Caller, request: Request) => Response | Promise<Response>,
  ): handleUnaryCall<Request, Response>;
  stream<Request, Response>(
    handle: (caller: Caller, request: Request, out: Out<Response>) => void | Promise<void>,
  ): handleServerStreamingCall<Request, Response>;
};

export type Out<Response> = {
  /** Resolves once there is room for more. */
  send(message: Response): Promise<void>;
  /** Aborts when the client goes away or the node's API ends. */
  signal: AbortSignal;
  /** Resolves when the client goes away; rejects with PowerLoss when the node's API ends. */
  untilGone(): Promise<void>;
  /** The same for streams that come to their end when the node stops its services in good order. */
  untilOver(): Promise<void>;
};

export function rpcFor(world: World): Rpc {
  return {
    unary: (handle) => (call, callback) => {
      Promise.resolve()
        .then(() => handle(callerOf(world, call.metadata), call.request))
        .then(
          (response) => callback(null, response),
          (error: unknown) => callback(statusOf(world, error)),
        );
    },
    stream: (handle) => (call) => {
      const gone = new AbortController();
      // One wait for room, however many messages were sent meanwhile; a client that goes away ends it too.
      let draining: Promise<void> | null = null;
      const drained = () =>
        (draining ??= new Promise<void>((resolve) => {
          const done = () => {
            draining = null;
            call.off("drain", done);
            gone.signal.removeEventListener("abort", done);
            resolve();
          };
          call.once("drain", done);
          gone.signal.addEventListener("abort", done, { once: true });
        }));
      call.on("cancelled", () => gone.abort());
      call.on("error", () => gone.abort());
      Promise.resolve()
        .then(async () => {
          const caller = callerOf(world, call.metadata);
          const { signal: serving } = caller.node.serving;
          const down = () => gone.abort(serving.reason);
          if (serving.aborted) down();
          serving.addEventListener("abort", down, { once: true });
          const untilGone = () =>
            new Promise<void>((resolve, reject) => {
              const settle = () => (serving.aborted ? reject(serving.reason as Error) : resolve());
              if (gone.signal.aborted) settle();
              else gone.signal.addEventListener("abort", settle, { once: true });
            });
          try {
            await handle(caller, call.request, {
              signal: gone.signal,
              send: (message) => (gone.signal.aborted || call.write(message) ? Promise.resolve() : drained()),
              untilGone,
              untilOver: () =>
                untilGone().catch((error: unknown) => {
                  if (!(error instanceof ServingEnded)) throw error;
                }),
            });
          } finally {
            serving.removeEventListener("abort", down);
          }
        })
        .then(
          () => call.end(),
          (error: unknown) =>
            gone.signal.aborted && !(error instanceof PowerLoss)
              ? call.end()
              : call.emit("error", statusOf(world, error)),
        );
    },
  };
}
