import { posix } from "node:path";
import { status } from "@grpc/grpc-js";
import type { MachineServiceServer } from "@/lib/talos/gen/machine/machine";
import { ListRequest_Type, type FileInfo } from "@/lib/talos/gen/machine/files";
import { fileTree, type FileEntry } from "../node/file-tree";
import { RpcError, type Rpc } from "./rpc";

type Part = Pick<MachineServiceServer, "list" | "read">;

/** Go's os.FileMode bits. */
const modes: Readonly<Record<FileEntry["kind"], number>> = {
  directory: 0x8000_01ed,
  link: 0x0800_01ff,
  file: 0o644,
  device: 0x0400_01b0,
};
const types: Readonly<Record<FileEntry["kind"], ListRequest_Type | null>> = {
  directory: ListRequest_Type.DIRECTORY,
  link: ListRequest_Type.SYMLINK,
  file: ListRequest_Type.REGULAR,
  device: null,
};

function info(root: string, path: string, entry: FileEntry): FileInfo {
  return {
    metadata: undefined,
    name: path,
    size: entry.kind === "file" ? 4096n : 0n,
    mode: modes[entry.kind],
    modified: 0n,
    isDir: entry.kind === "directory",
    error: "",
    link: entry.kind === "link" ? entry.target : "",
    relativeName: path === root ? "." : posix.relative(root, path),
    uid: 0,
    gid: 0,
    xattrs: [],
  };
}

export function filesPart(rpc: Rpc): Part {
  return {
    list: rpc.stream(async ({ node }, request, out) => {
      const root = posix.normalize(request.root === "" ? "/" : request.root);
      const tree = fileTree(node);
      const own = tree.get(root);
      if (!own && root !== "/") throw new RpcError(status.UNKNOWN, `lstat ${root}: no such file or directory`);
      // Depth 1 is the default: the root itself and what lies directly in it.
      const depth = request.recurse
        ? request.recursionDepth > 0
          ? request.recursionDepth
          : Number.POSITIVE_INFINITY
        : 1;
      const wanted = (entry: FileEntry) => {
        const type = types[entry.kind];
        return request.types.length === 0 || (type !== null && request.types.includes(type));
      };
      const prefix = root === "/" ? "/" : `${root}/`;
      if (wanted({ kind: "directory" })) await out.send(info(root, root, own ?? { kind: "directory" }));
      for (const [path, entry] of [...tree].sort(([a], [b]) => (a < b ? -1 : 1))) {
        if (!path.startsWith(prefix) || path === root) continue;
        if (path.slice(prefix.length).split("/").length <= depth && wanted(entry))
          await out.send(info(root, path, entry));
      }
    }),
    read: rpc.stream(async ({ node }, request, out) => {
      const path = posix.normalize(request.path);
      const entry = fileTree(node).get(path);
      if (!entry) throw new RpcError(status.UNKNOWN, `stat ${path}: no such file or directory`);
      if (entry.kind !== "file") throw new RpcError(status.INVALID_ARGUMENT, "path must be a regular file");
      const bytes = Buffer.from(entry.read(), "utf8");
      for (let offset = 0; offset < bytes.length; offset += 1024)
        await out.send({ metadata: undefined, bytes: bytes.subarray(offset, offset + 1024) });
    }),
  };
}
