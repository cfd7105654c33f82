import { afterEach, expect, test } from "vitest";
import { closeDatabase, db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { actorOfToken, newApiToken } from "./api-token";

setUpTestDatabase();
afterEach(closeDatabase);

test("a token works where its last use cannot be written down", async () => {
  const { token, hash } = newApiToken();
  await db.apiToken.create({
    data: { id: "token_1", name: "script", role: "viewer", hash, expiresAt: new Date(2_000) },
  });
  // Only read: as on a disk that takes nothing any more.
  await db.$executeRawUnsafe(
    "CREATE TRIGGER nothing_more BEFORE UPDATE ON ApiToken BEGIN SELECT RAISE(ABORT, 'not this one'); END",
  );
  await expect(actorOfToken(token, 1_000)).rejects.toThrow();
  await db.$executeRawUnsafe("DROP TRIGGER nothing_more");
  await db.$queryRawUnsafe("PRAGMA query_only = ON");
  expect(await actorOfToken(token, 1_000)).toMatchObject({ kind: "token", id: "token_1" });
});
