import { status } from "@grpc/grpc-js";
import type { MachineServiceServer } from "@/lib/talos/gen/machine/machine";
import { deleteMeta, writeMeta } from "../node/meta-keys";
import { RpcError, type Rpc } from "./rpc";

/** Keys are one byte (v1alpha1_server.go MetaWrite). */
function check(key: number): void {
  if (key > 0xff) throw new RpcError(status.INVALID_ARGUMENT, "key must be a uint8");
}

export function metaPart(rpc: Rpc): Pick<MachineServiceServer, "metaWrite" | "metaDelete"> {
  return {
    metaWrite: rpc.unary(({ node }, { key, value }) => {
      check(key);
      writeMeta(node, key, value.toString("utf8"));
      return { messages: [{ metadata: undefined }] };
    }),
    metaDelete: rpc.unary(({ node }, { key }) => {
      check(key);
      if (!deleteMeta(node, key)) throw new RpcError(status.NOT_FOUND, "meta key not found");
      return { messages: [{ metadata: undefined }] };
    }),
  };
}
