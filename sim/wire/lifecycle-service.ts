import { status } from "@grpc/grpc-js";
import type { ContainerdInstance } from "@/lib/talos/gen/common/common";
import type { LifecycleServiceServer, LifecycleServiceUpgradeResponse } from "@/lib/talos/gen/machine/lifecycle";
import { atLeast } from "../factory/releases";
import { runInstaller, type InstallEvent } from "../node/install";
import type { SimNode } from "../node/node";
import { resolveInstaller } from "../node/pull";
import { storeName } from "./image-service";
import { RpcError, type Rpc } from "./rpc";

const progress = (event: InstallEvent): LifecycleServiceUpgradeResponse => ({
  progress: {
    response:
      event.kind === "line" ? { $case: "message", value: event.text } : { $case: "exitCode", value: event.code },
  },
});

/** 1.14 sends whole lines; 1.13 whatever the installer's pipe held, up to 512 bytes (lifecycle/container.go of each). */
function framer(release: string, send: (text: string) => void): { line(text: string): void; flush(): void } {
  if (atLeast(release, "1.14.0")) return { line: (text) => send(`${text}\n`), flush: () => undefined };
  let pending = Buffer.alloc(0);
  const cut = (bytes: number) => {
    send(pending.subarray(0, bytes).toString("utf8"));
    pending = pending.subarray(bytes);
  };
  return {
    line: (text) => {
      pending = Buffer.concat([pending, Buffer.from(`${text}\n`, "utf8")]);
      while (pending.length >= 512) cut(512);
      // What is there when the reader looks: often in the middle of a line.
      if (pending.length > 60) cut(pending.length - 17);
    },
    flush: () => {
      if (pending.length > 0) cut(pending.length);
    },
  };
}

export function lifecycleService(rpc: Rpc): LifecycleServiceServer {
  return {
    upgrade: rpc.stream(async ({ node }, request, out) => {
      if (node.installing)
        throw new RpcError(status.FAILED_PRECONDITION, "another installation/upgrade is already in progress");
      if (!node.installed) throw new RpcError(status.FAILED_PRECONDITION, "machine is not installed");
      const image = request.source?.imageName ?? "";
      if (image === "") throw new RpcError(status.INVALID_ARGUMENT, "installer image name is required");
      if (!node.images.find(storeOf(request.containerd), image))
        throw failed(`installer image "${image}" not found in containerd store: image "${image}": not found`);
      const { release, schematicId } = resolveInstaller(node, image);
      await install(node, { release, schematicId }, out.send);
    }),
  };
}

const failed = (why: string) => new RpcError(status.INTERNAL, `upgrade failed: ${why}`);

/** What is wrong with the instance comes as a failure of the upgrade itself. */
function storeOf(instance: ContainerdInstance | undefined): string {
  try {
    return storeName(instance);
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    throw failed(`rpc error: code = InvalidArgument desc = ${error.details}`);
  }
}

/** The installer runs on when its reader goes away, and holds the lock until it ends; its exit code is lost then. */
async function install(
  node: SimNode,
  target: { release: string; schematicId: string },
  send: (message: LifecycleServiceUpgradeResponse) => Promise<void>,
): Promise<void> {
  node.installing = true;
  const frames = framer(node.running.release, (text) => void send(progress({ kind: "line", text })));
  try {
    await runInstaller(node, target, (event) => {
      if (event.kind === "line") frames.line(event.text);
      else {
        frames.flush();
        void send(progress(event));
      }
    });
  } finally {
    node.installing = false;
  }
}
