-- Signed marks in the audit log: how far it was verified, and up to where old entries were removed.
CREATE TABLE "AuditCheckpoint" (
    "kind" TEXT NOT NULL PRIMARY KEY CHECK ("kind" IN ('verified', 'full', 'removed')),
    "seq" INTEGER NOT NULL,
    "hash" TEXT NOT NULL,
    "at" DATETIME NOT NULL,
    "keyId" TEXT NOT NULL,
    "signature" TEXT NOT NULL
);

-- What strangers tried, counted: never one row each.
CREATE TABLE "AnonymousFailure" (
    "kind" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "place" TEXT NOT NULL,
    "sinceAt" DATETIME NOT NULL,
    "count" INTEGER NOT NULL,
    "lastAt" DATETIME NOT NULL,
    PRIMARY KEY ("kind", "subject", "place", "sinceAt")
);
CREATE INDEX "AnonymousFailure_sinceAt_idx" ON "AnonymousFailure"("sinceAt");

-- REPLACE deletes a row without firing the delete trigger (recursive_triggers is off), so what it would replace is refused
-- before: only the next number may come, behind the newest hash, with an id of its own.
CREATE TRIGGER "AuditEntry_only_append" BEFORE INSERT ON "AuditEntry"
WHEN NEW."seq" IS NOT COALESCE((SELECT MAX("seq") FROM "AuditEntry"), 0) + 1
  OR NEW."prevHash" IS NOT COALESCE((SELECT "hash" FROM "AuditEntry" ORDER BY "seq" DESC LIMIT 1), '0000000000000000000000000000000000000000000000000000000000000000')
  OR EXISTS (SELECT 1 FROM "AuditEntry" WHERE "id" = NEW."id")
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

-- Old entries may go once a checkpoint says up to where; the newest one stays whatever it says.
DROP TRIGGER "AuditEntry_no_delete";
CREATE TRIGGER "AuditEntry_no_delete" BEFORE DELETE ON "AuditEntry"
WHEN OLD."seq" > COALESCE((SELECT "seq" FROM "AuditCheckpoint" WHERE "kind" = 'removed'), 0)
  OR OLD."seq" = (SELECT MAX("seq") FROM "AuditEntry")
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE TRIGGER "AuditCheckpoint_insert" BEFORE INSERT ON "AuditCheckpoint"
WHEN EXISTS (SELECT 1 FROM "AuditCheckpoint" WHERE "kind" = NEW."kind")
  OR NEW."hash" IS NOT COALESCE((SELECT "hash" FROM "AuditEntry" WHERE "seq" = NEW."seq"), (SELECT "hash" FROM "AuditCheckpoint" WHERE "kind" = 'removed' AND "seq" = NEW."seq"),
    CASE WHEN NEW."seq" = 0 THEN '0000000000000000000000000000000000000000000000000000000000000000' END)
BEGIN SELECT RAISE(ABORT, 'a checkpoint names an entry of the audit log, once per kind'); END;

CREATE TRIGGER "AuditCheckpoint_update" BEFORE UPDATE ON "AuditCheckpoint"
WHEN NEW."kind" IS NOT OLD."kind"
  OR NEW."hash" IS NOT COALESCE((SELECT "hash" FROM "AuditEntry" WHERE "seq" = NEW."seq"), (SELECT "hash" FROM "AuditCheckpoint" WHERE "kind" = 'removed' AND "seq" = NEW."seq"),
    CASE WHEN NEW."seq" = 0 THEN '0000000000000000000000000000000000000000000000000000000000000000' END)
  OR (OLD."kind" = 'removed' AND NEW."seq" <= OLD."seq")
BEGIN SELECT RAISE(ABORT, 'a checkpoint names an entry of the audit log, and that of removed ones only goes on'); END;

CREATE TRIGGER "AuditCheckpoint_delete" BEFORE DELETE ON "AuditCheckpoint"
BEGIN SELECT RAISE(ABORT, 'a checkpoint of the audit log stays'); END;
