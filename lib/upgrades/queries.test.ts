import { expect, test } from "vitest";
import { systemContext } from "@/lib/auth/ctx";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { listRunEvents } from "./queries";
import { fakeWorld } from "./testing-run";

setUpTestDatabase();

test("the log of a long run is told to its end", async () => {
  const { runId } = await fakeWorld({ w1: { role: "worker" } });
  const count = 5_001;
  await db.upgradeRunEvent.createMany({
    data: Array.from({ length: count }, (_, index) => {
      const event = { seq: index + 1, runId, atMs: 0, nodeId: null, kind: "note", text: "" };
      return { runId, seq: event.seq, at: new Date(0), nodeId: null, kind: event.kind, body: JSON.stringify(event) };
    }),
  });
  const events = await listRunEvents(systemContext("test"), runId);
  expect(events.at(-1)?.seq).toBe(count);
});
