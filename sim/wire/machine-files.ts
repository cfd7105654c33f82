import { posix } from "node:path";
import { createGzip } from "node:zlib";
import { status } from "@grpc/grpc-js";
import { pack, type Pack } from "tar-stream";
import {
  ListRequest_Type,
  type DiskUsageInfo,
  type DiskUsageRequest,
  type FileInfo,
  type ListRequest,
} from "@/lib/talos/gen/machine/files";
import type { MachineServiceServer } from "@/lib/talos/gen/machine/machine";
import { fileTree, type FileEntry } from "../node/file-tree";
import { RpcError, type Rpc } from "./rpc";

type Part = Pick<MachineServiceServer, "list" | "read" | "copy" | "diskUsage">;
type Tree = ReadonlyMap<string, FileEntry>;

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
  const relative = posix.relative(root, path);
  return {
    metadata: undefined,
    name: path,
    size: entry.kind === "file" ? 4096n : 0n,
    mode: modes[entry.kind],
    modified: 0n,
    isDir: entry.kind === "directory",
    error: "",
    link: entry.kind === "link" ? entry.target : "",
    relativeName: relative !== "" ? relative : entry.kind === "directory" ? "." : posix.basename(path),
    uid: 0,
    gid: 0,
    xattrs: [],
  };
}

/** The path to list, through a link that it names. */
function rootOf(tree: Tree, requested: string): { root: string; entry: FileEntry } {
  const root = `/${requested.replace(/^\//, "").replace(/\/$/, "")}`;
  const entry = tree.get(root);
  if (!entry) throw new RpcError(status.UNKNOWN, `lstat ${root}: no such file or directory`);
  if (entry.kind !== "link") return { root, entry };
  const target = posix.resolve(posix.dirname(root), entry.target);
  const found = tree.get(target);
  if (!found) throw new RpcError(status.UNKNOWN, `lstat ${target}: no such file or directory`);
  return { root: target, entry: found };
}

const slashes = (path: string): number => path.split("/").length - 1;
/** As a walk comes by: a directory before what it holds, and that before its next neighbour. */
const walkOrder = (path: string): string => path.replaceAll("/", "\0");

/** What a walk of a tree meets (Talos' pkg/archiver): the root is never cut off, and an entry of another type cuts off nothing. */
function* walk(tree: Tree, request: ListRequest): Generator<FileInfo> {
  const { root, entry } = rootOf(tree, request.root);
  const prefix = root === "/" ? "/" : `${root}/`;
  const most = request.recurse ? request.recursionDepth || Number.POSITIVE_INFINITY : 0;
  const below = [...tree].filter(([path]) => path.startsWith(prefix) && path !== root);
  below.sort(([a], [b]) => (walkOrder(a) < walkOrder(b) ? -1 : 1));
  let cut: string | null = null;
  for (const [path, found] of [[root, entry] as const, ...below]) {
    if (cut !== null && path.startsWith(cut)) continue;
    const type = types[found.kind];
    if (request.types.length > 0 && (type === null || !request.types.includes(type))) continue;
    yield info(root, path, found);
    if (path !== root && found.kind === "directory" && slashes(path) - slashes(root) >= most) cut = `${path}/`;
  }
}

const everything: ListRequest = { root: "/", recurse: true, recursionDepth: 0, types: [], reportXattrs: false };

/** Directories, links and files; a device has nothing to copy. */
function addTo(archive: Pack, tree: Tree, { name, relativeName }: FileInfo): void {
  const entry = tree.get(name);
  if (entry?.kind === "directory") archive.entry({ name: relativeName, type: "directory", mode: 0o755 });
  if (entry?.kind === "link") archive.entry({ name: relativeName, type: "symlink", linkname: entry.target });
  if (entry?.kind === "file") archive.entry({ name: relativeName, mode: 0o644 }, entry.read());
}

/** What `du` counts: each directory with all below it, down to the wanted depth, and files where they are wanted. */
function* usageOf(tree: Tree, path: string, request: DiskUsageRequest): Generator<DiskUsageInfo> {
  const { root } = rootOf(tree, path);
  const found = [...walk(tree, { ...everything, root })];
  const sizeBelow = (name: string) =>
    found.reduce(
      (sum, entry) =>
        entry.name === name || entry.name.startsWith(name === "/" ? "/" : `${name}/`) ? sum + entry.size : sum,
      0n,
    );
  for (const { name, relativeName, isDir } of found) {
    const depth = name === root ? 0 : slashes(name) - slashes(root);
    if (depth > request.recursionDepth || (!isDir && !request.all && name !== root)) continue;
    const size = sizeBelow(name);
    if (request.threshold > 0n ? size < request.threshold : request.threshold < 0n && size > -request.threshold)
      continue;
    yield { metadata: undefined, name, size, error: "", relativeName };
  }
}

export function filesPart(rpc: Rpc): Part {
  return {
    list: rpc.stream(async ({ node }, request, out) => {
      for (const entry of walk(fileTree(node), request)) await out.send(entry);
    }),
    copy: rpc.stream(async ({ node }, { rootPath }, out) => {
      const tree = fileTree(node);
      const archive = pack();
      const { root } = rootOf(tree, rootPath);
      // The root itself is no part of what is copied.
      for (const found of walk(tree, { ...everything, root })) if (found.name !== root) addTo(archive, tree, found);
      archive.finalize();
      for await (const chunk of archive.pipe(createGzip()))
        await out.send({ metadata: undefined, bytes: Buffer.from(chunk as Uint8Array) });
    }),
    diskUsage: rpc.stream(async ({ node }, request, out) => {
      const tree = fileTree(node);
      for (const path of request.paths.length === 0 ? ["/"] : request.paths)
        for (const usage of usageOf(tree, path, request)) await out.send(usage);
    }),
    read: rpc.stream(async ({ node }, { path }, out) => {
      const entry = fileTree(node).get(posix.normalize(path));
      if (!entry) throw new RpcError(status.NOT_FOUND, `stat ${path}: no such file or directory`);
      if (entry.kind !== "file") throw new RpcError(status.UNKNOWN, "path must be a regular file");
      const bytes = Buffer.from(entry.read(), "utf8");
      for (let offset = 0; offset < bytes.length; offset += 1024)
        await out.send({ metadata: undefined, bytes: bytes.subarray(offset, offset + 1024) });
    }),
  };
}
