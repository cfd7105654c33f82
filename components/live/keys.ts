/** Where the stream's data lies in the query cache. */
export const liveKey = {
  nodes: ["live", "nodes"],
  clusters: ["live", "clusters"],
  runs: ["live", "runs"],
  scans: ["live", "scans"],
  scanAnswers: ["live", "scan-answers"],
  runEvents: (runId: string) => ["live", "run-events", runId],
  samples: (nodeId: string) => ["live", "samples", nodeId],
} as const;
