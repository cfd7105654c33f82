import { answer } from "@/lib/api/route";
import { requestActor } from "@/lib/auth/require-role";
import { downloadBackup } from "@/lib/backup/download";

export const dynamic = "force-dynamic";

/** A back-up of Ichor as it lies in the back-up directory (encrypted), for administrators. */
export const GET = (request: Request, { params }: { params: Promise<{ file: string }> }): Promise<Response> =>
  answer("GET /api/backups", async (requestId) => {
    // The role is proven in there, where a refusal is recorded.
    const actor = await requestActor(request);
    const { file } = await params;
    const { bytes, body } = await downloadBackup(actor, file, requestId);
    return new Response(body, {
      headers: {
        "content-type": "application/octet-stream",
        "content-length": String(bytes),
        "content-disposition": `attachment; filename="${file}"`,
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "x-request-id": requestId,
      },
    });
  });
