import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { assetCmdline, buildable } from "./build";
import { FactoryError } from "./error";
import type { SchematicRegistry } from "./registry";

export type AssetRequest = { schematicId: string; release: string; path: string };

const arch = "(?:amd64|arm64)";
const platform = "[a-z][a-z0-9-]*?";
/** Kinds of asset by file name (image-factory internal/profile/profile.go), with content type and simulated size. */
const kinds: readonly { pattern: RegExp; contentType: string; kibibytes: number }[] = [
  {
    pattern: new RegExp(`^${platform}-${arch}(-secureboot)?\\.iso$`),
    contentType: "application/x-iso9660-image",
    kibibytes: 512,
  },
  {
    pattern: new RegExp(`^${platform}-${arch}(-secureboot)?\\.raw\\.xz$`),
    contentType: "application/x-xz",
    kibibytes: 384,
  },
  {
    pattern: new RegExp(`^${platform}-${arch}(-secureboot)?\\.raw\\.gz$`),
    contentType: "application/gzip",
    kibibytes: 384,
  },
  {
    pattern: new RegExp(`^${platform}-${arch}(-secureboot)?\\.raw(\\.zst)?$`),
    contentType: "application/octet-stream",
    kibibytes: 384,
  },
  {
    pattern: new RegExp(`^${platform}-${arch}(-secureboot)?\\.qcow2$`),
    contentType: "application/x-qemu-disk",
    kibibytes: 384,
  },
  {
    pattern: new RegExp(`^${platform}-${arch}(-secureboot)?\\.(vhd|ova)$`),
    contentType: "application/octet-stream",
    kibibytes: 384,
  },
  { pattern: new RegExp(`^kernel-${arch}$`), contentType: "application/octet-stream", kibibytes: 64 },
  { pattern: new RegExp(`^initramfs-${arch}\\.xz$`), contentType: "application/x-xz", kibibytes: 256 },
  {
    pattern: new RegExp(`^${platform}-${arch}(-secureboot)?-uki\\.efi$`),
    contentType: "application/efi",
    kibibytes: 320,
  },
  {
    pattern: new RegExp(`^(${platform}-)?installer-${arch}(-secureboot)?\\.tar$`),
    contentType: "application/x-tar",
    kibibytes: 320,
  },
];

/** The same request always gives the same bytes, and different requests different ones. */
function bytesOf(key: string, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  const seed = createHash("sha256").update(key).digest();
  for (let offset = 0; offset < size; offset += 32) seed.copy(bytes, offset);
  bytes.write(`simulated asset ${key}\n`);
  return bytes;
}

/** Answers GET and HEAD of /image/…; throws FactoryError. */
export function answerAsset(
  registry: SchematicRegistry,
  { schematicId, release, path }: AssetRequest,
  request: IncomingMessage,
  response: ServerResponse,
  filename: string | null,
): void {
  const built = buildable(registry, schematicId, release);
  const cmdline = new RegExp(`^cmdline-(${platform})-${arch}(-secureboot)?$`).exec(path);
  const kind = kinds.find(({ pattern }) => pattern.test(path));
  if (!cmdline && !kind) throw new FactoryError(400, `error parsing profile from path: invalid path ${path}`);
  const contents = cmdline
    ? Buffer.from(assetCmdline(built.schematic, cmdline[1] ?? "metal"), "utf8")
    : bytesOf(`${schematicId}/${built.release}/${path}`, (kind?.kibibytes ?? 1) * 1024);
  response.writeHead(200, {
    "content-type": kind?.contentType ?? "text/plain; charset=utf-8",
    "content-length": contents.length,
    "content-disposition": `attachment; filename="${filename ?? path}"`,
  });
  response.end(request.method === "HEAD" ? undefined : contents);
}
