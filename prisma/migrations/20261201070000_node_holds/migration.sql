-- Who works on a node now, and which control planes are away by our doing.
CREATE TABLE "NodeHold" (
    "nodeId" TEXT NOT NULL PRIMARY KEY,
    "clusterId" TEXT,
    "nodeName" TEXT NOT NULL,
    "operation" TEXT NOT NULL,
    "runId" TEXT,
    "actor" TEXT NOT NULL,
    "actorName" TEXT NOT NULL,
    "phase" TEXT NOT NULL,
    "takesPlane" BOOLEAN NOT NULL DEFAULT false,
    "ends" TEXT NOT NULL DEFAULT 'return',
    "memberId" TEXT,
    "bootId" TEXT,
    "wentAt" DATETIME,
    "owner" TEXT NOT NULL,
    "since" DATETIME NOT NULL,
    "until" DATETIME NOT NULL
);

CREATE INDEX "NodeHold_clusterId_idx" ON "NodeHold"("clusterId");

-- Also where two processes write: a cluster has one control plane that is being taken away.
CREATE UNIQUE INDEX "NodeHold_one_plane" ON "NodeHold"("clusterId") WHERE "takesPlane" = true AND "phase" <> 'away';
