import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { forge, writeEntries } from "@/lib/audit/testing";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { deliveredPoint, deliverNext, keepDelivering, otlpFailing } from "./otlp";

setUpTestDatabase();

type Reply = (response: http.ServerResponse, request: http.IncomingMessage) => void;
const ok: Reply = (response) => response.end("{}");
const status =
  (code: number, headers: Record<string, string> = {}): Reply =>
  (response) =>
    response.writeHead(code, headers).end("no");
let replies: Reply[] = [];
const got: { headers: http.IncomingHttpHeaders; seqs: number[]; text: string }[] = [];
const server = http.createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const text = Buffer.concat(chunks).toString();
    got.push({
      headers: request.headers,
      text,
      seqs: [...text.matchAll(/seq","value":\{"intValue":"(\d+)"/g)].map((m) => Number(m[1])),
    });
    (replies.shift() ?? ok)(response, request);
  });
});
const never = new AbortController().signal;
let target = { url: "", headers: { authorization: "Bearer canary-4711" } };

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  target = { ...target, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/logs` };
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(async () => {
  forge(`DELETE FROM "AuditEntry"; DELETE FROM "AuditCheckpoint"; DELETE FROM "Setting"`);
  await writeEntries(4);
  replies = [];
  got.length = 0;
});

describe("delivery to a collector", () => {
  test("sends each entry once, as OTLP's JSON, with the headers of the setting", async () => {
    expect(await deliverNext(target, never)).toBe(4);
    expect(await deliverNext(target, never)).toBe(0);
    await writeEntries(1);
    expect(await deliverNext(target, never)).toBe(1);
    expect(got.map(({ seqs }) => seqs)).toEqual([[1, 2, 3, 4], [5]]);
    expect(got[0]?.headers).toMatchObject({ authorization: "Bearer canary-4711", "content-type": "application/json" });
    const first = await db.auditEntry.findUniqueOrThrow({ where: { seq: 1 } });
    expect(JSON.parse(got[0]?.text ?? "")).toMatchObject({
      resourceLogs: [
        {
          resource: { attributes: [{ key: "service.name", value: { stringValue: "ichor" } }] },
          scopeLogs: [
            {
              logRecords: [
                {
                  timeUnixNano: `${first.at.getTime()}000000`,
                  severityNumber: 9,
                  body: { stringValue: "test.note system by system (test)" },
                },
                {},
                {},
                {},
              ],
            },
          ],
        },
      ],
    });
    expect(got[0]?.text).toContain(first.hash);
  });

  test.each<[string, Reply]>([
    ["an error of the server", status(500)],
    ["a refusal", status(401)],
    ["a redirect, which is not followed", status(302, { location: "http://169.254.169.254/" })],
    ["a reset before the answer", (response) => void response.socket?.resetAndDestroy()],
    [
      "a reset within the answer",
      (response) => {
        response.writeHead(200, { "content-length": "100" });
        response.write("{");
        setImmediate(() => response.socket?.resetAndDestroy());
      },
    ],
  ])("after %s the same entries are sent again", async (_what, reply) => {
    replies = [reply];
    await expect(deliverNext(target, never)).rejects.toThrow();
    expect(await deliveredPoint()).toMatchObject({ seq: 0 });
    expect(await deliverNext(target, never)).toBe(4);
    expect(got.map(({ seqs }) => seqs)).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ]);
  });

  test("a collector that says nothing is given up, and one that is to stop is not waited for", async () => {
    replies = [() => {}, () => {}];
    await expect(deliverNext(target, never, 50)).rejects.toMatchObject({ name: "TimeoutError" });
    const stop = new AbortController();
    const sent = deliverNext(target, stop.signal);
    await vi.waitFor(() => expect(got).toHaveLength(2), { timeout: 30_000 });
    stop.abort(new Error("stopping"));
    await expect(sent).rejects.toThrow("stopping");
  });

  test("what the collector finds too large is sent in smaller parts", async () => {
    replies = Array.from({ length: 7 }, () => status(413));
    for (let attempt = 0; attempt < 7; attempt += 1) await expect(deliverNext(target, never)).rejects.toThrow("413");
    for (let attempt = 0; attempt < 4; attempt += 1) expect(await deliverNext(target, never)).toBe(1);
    expect(got.slice(-4).map(({ seqs }) => seqs)).toEqual([[1], [2], [3], [4]]);
  });

  test("what it rejects is told, and not sent again; nonsense after a 200 is no failure", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    replies = [
      (response) => response.end(`{"partialSuccess":{"rejectedLogRecords":"1"}}`),
      (response) => response.end("<html>"),
    ];
    expect(await deliverNext(target, never)).toBeGreaterThan(0);
    expect(await deliverNext(target, never)).toBeGreaterThan(0);
    expect(logged.mock.calls.flat().join()).toContain("rejected=1");
    logged.mockRestore();
  });

  test("a log that is another one than was sent is sent from its start", async () => {
    while ((await deliverNext(target, never)) > 0);
    expect(await deliveredPoint()).toMatchObject({ seq: 4 });
    forge(`DELETE FROM "AuditEntry"`);
    await writeEntries(5);
    expect(await deliveredPoint()).toMatchObject({ seq: 0 });
    await db.setting.updateMany({ data: { value: `{"seq":"x"}` } });
    expect(await deliveredPoint()).toMatchObject({ seq: 0 });
  });

  test("goes on by itself: waits grow, what the collector asks is heeded, and no log has its token", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    replies = [status(503), status(429, { "retry-after": "120" }), status(500)];
    const stop = new AbortController();
    const waits: number[] = [];
    const failing: boolean[] = [];
    const sleep = async (waitMs: number) => {
      waits.push(waitMs);
      failing.push(otlpFailing());
      if (waitMs === 5_000) stop.abort();
    };
    await keepDelivering(target, stop.signal, { sleep, random: () => 0.999 });
    expect(waits.slice(0, 3)).toEqual([999, 120_000, 3996]);
    expect(waits.at(-1)).toBe(5_000);
    expect(failing.slice(0, 3)).toEqual([true, true, true]);
    expect(failing.at(-1)).toBe(false);
    expect(await deliveredPoint()).toMatchObject({ seq: 4 });
    const told = logged.mock.calls.flat().join("\n");
    expect(told).toContain(`reason="the collector answered 503"`);
    expect(told).toContain("delivered again afterFailures=3");
    expect(told).not.toContain("canary");
    logged.mockRestore();
  });
});
