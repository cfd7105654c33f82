import { answer } from "@/lib/api/route";
import { bootScriptFor } from "@/lib/boot/queries";

/**
 * The iPXE script of a machine that boots from the network. It cannot sign in, so nothing here is secret: which
 * schematic to boot, never a machine config.
 */
export const GET = (request: Request): Promise<Response> =>
  answer("network boot", async (requestId) => {
    const { searchParams } = new URL(request.url);
    const script = await bootScriptFor({
      uuid: searchParams.get("uuid"),
      mac: searchParams.get("mac"),
      arch: searchParams.get("arch"),
      baseUrl: addressReached(request.headers),
    });
    return new Response(script, {
      headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store", "x-request-id": requestId },
    });
  });

/** The address that the machine used: it is known to reach us there. The proxy has checked the host. */
function addressReached(headers: Headers): string {
  const protocol = headers.get("x-forwarded-proto")?.split(",")[0]?.trim() === "https" ? "https" : "http";
  return `${protocol}://${headers.get("x-forwarded-host") ?? headers.get("host") ?? "localhost"}`;
}
