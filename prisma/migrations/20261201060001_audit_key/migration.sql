-- The key that signs checkpoints and exports of the audit log, sealed: a change of ICHOR_KEY seals it anew and leaves it the same.
CREATE TABLE "AuditKey" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "sealed" TEXT NOT NULL,
    "dataKeyId" TEXT NOT NULL
);
