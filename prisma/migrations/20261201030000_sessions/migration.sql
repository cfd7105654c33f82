-- Sessions live on the server; a session that has ended has no row.
CREATE TABLE "Session" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "hash" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "method" TEXT NOT NULL,
    "lastProofAt" DATETIME NOT NULL,
    "createdAt" DATETIME NOT NULL,
    "lastUsedAt" DATETIME NOT NULL,
    "expiresAt" DATETIME NOT NULL,
    "address" TEXT NOT NULL,
    "agent" TEXT NOT NULL,
    CONSTRAINT "Session_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE UNIQUE INDEX "Session_hash_key" ON "Session"("hash");

CREATE INDEX "Session_userId_idx" ON "Session"("userId");

-- What it counted is a row of its own now.
ALTER TABLE "User" DROP COLUMN "sessionVersion";

-- The operations and reads that a token is narrowed to.
ALTER TABLE "ApiToken" ADD COLUMN "doors" TEXT;

-- Every token ends: those made without an end get the time of a new one.
UPDATE "ApiToken" SET "expiresAt" = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now', '+90 days') WHERE "expiresAt" IS NULL;
