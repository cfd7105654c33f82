import fs from "node:fs";
import { Readable } from "node:stream";
import { answer } from "@/lib/api/route";
import { bootFile } from "@/lib/boot/queries";
import { AppError } from "@/lib/core/errors";

type Params = { params: Promise<{ schematic: string; version: string; file: string }> };

/** Kernel, initramfs and command line over plain HTTP, since many iPXE builds cannot do HTTPS. Public files, no secrets. */
export const GET = (_request: Request, { params }: Params): Promise<Response> =>
  answer("network boot", async (requestId) => {
    const { schematic, version, file } = await params;
    const found = await bootFile({ schematicId: schematic, talosVersion: version, file });
    if (!found)
      throw new AppError("not-found", "There is no such boot file.", {
        hint: "Files are here once a machine has asked for its boot script.",
      });
    // The path comes from the artifact cache, never from the request.
    const body = Readable.toWeb(
      fs.createReadStream(/* turbopackIgnore: true */ found.path),
    ) as ReadableStream<Uint8Array>;
    return new Response(body, {
      headers: {
        "content-type": "application/octet-stream",
        "content-length": String(found.bytes),
        "x-request-id": requestId,
      },
    });
  });
