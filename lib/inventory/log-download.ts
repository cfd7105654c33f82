import "server-only";
import { AppError } from "@/lib/core/errors";
import type { SseMessage, SseSource } from "@/lib/live/sse";
import { logFrame } from "./log-frames";

const maxChars = 32 * 1024 * 1024;

/** The text of log messages. @throws AppError `unavailable` with the sentence of an error among them. */
function textOf(messages: readonly SseMessage[]): string {
  return messages
    .map(({ data }) => {
      const frame = logFrame.parse(JSON.parse(data));
      if (frame.type === "error") throw new AppError("unavailable", frame.message);
      return frame.type === "lines" ? frame.lines.map((line) => `${line}\n`).join("") : "";
    })
    .join("");
}

/** A stream of log frames, to its end, as a text file; cut at 32 MiB. A failure before the first lines is thrown. */
export async function downloadResponse(source: SseSource, fileName: string): Promise<Response> {
  const encoder = new TextEncoder();
  const first = await source.next();
  let next: string | null = first && textOf(first);
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (next === null || sent > maxChars) {
        source.close();
        return controller.close();
      }
      controller.enqueue(encoder.encode(next));
      sent += next.length;
      const messages = await source.next();
      next = messages && textOf(messages);
    },
    cancel: () => source.close(),
  });
  return new Response(body, {
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "content-disposition": `attachment; filename="${fileName}"`,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
  });
}
