import { connection } from "next/server";
import { isReady } from "@/lib/core/readiness";

/** 200 `{"status":"ok"}` once the console can be used. */
export async function GET(): Promise<Response> {
  await connection();
  const ready = isReady();
  return Response.json(
    { status: ready ? "ok" : "starting" },
    { status: ready ? 200 : 503, headers: { "cache-control": "no-store" } },
  );
}
