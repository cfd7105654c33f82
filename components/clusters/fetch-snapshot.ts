import { z } from "zod";
import type { OperationFailure } from "@/components/operation/use-operation";
import { appErrorCodes } from "@/lib/core/errors";

export type Snapshot = { ok: true; fileName: string; content: Blob } | { ok: false; error: OperationFailure };

const failure = z.object({
  error: z.object({
    code: z.enum(appErrorCodes),
    message: z.string(),
    hint: z.string().optional(),
    details: z.string().optional(),
    requestId: z.string().optional(),
  }),
});
/**
 * A snapshot of a cluster's etcd, only if all of it arrived: the server ends the stream with an error where the node's
 * checksum does not fit, and then there is no file. Never throws.
 */
export const fetchSnapshot = (clusterId: string, fetcher: typeof fetch = fetch): Promise<Snapshot> =>
  fetchFile(`/api/clusters/${encodeURIComponent(clusterId)}/etcd-snapshot`, "The snapshot", fetcher);

/** A file that the server makes, only if all of it arrived; else why not. Never throws. `what` begins the sentence. */
export async function fetchFile(url: string, what: string, fetcher: typeof fetch = fetch): Promise<Snapshot> {
  const message = `${what} did not arrive whole, so it was thrown away.`;
  const cut: OperationFailure = { code: "unavailable", message, hint: "Take it again." };
  try {
    const response = await fetcher(url);
    if (!response.ok) {
      const { code, message, hint, details, requestId } = failure.parse(await response.json()).error;
      const more = { ...(hint && { hint }), ...(details && { details }), ...(requestId && { requestId }) };
      return { ok: false, error: { code, message, ...more } };
    }
    const named = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1];
    return { ok: true, fileName: named ?? "etcd.snapshot", content: await response.blob() };
  } catch {
    return { ok: false, error: cut };
  }
}
