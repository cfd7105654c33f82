const kib = 1024;
const mib = 1024 * kib;

/**
 * What one node (or a machine in maintenance mode) may make Ichor hold or do. Each is several times what a Talos node of 1.9 to 1.14 with 8
 * GPUs and 250 pods sends. Beyond it the node misbehaves: its connection is dropped, and dialled again with growing waits.
 * `SECURITY.md` lists all of them; a test compares the two.
 */
export const nodeCaps = {
  /** One gRPC message over a connection that only reads. */
  messageBytes: mib,
  /** One over an operator's or administrator's connection of a single step, which may be a machine config. */
  stepMessageBytes: 8 * mib,
  /** Fields in one message, with the items of its lists. */
  messageFields: 100_000,
  /** One list within a reply. */
  listItems: 32_768,
  services: 512,
  etcdMembers: 64,
  /** Cards on the bus of one machine, with their virtual functions. */
  gpus: 256,
  /** Resources of one type that are held at a time, unless the type has a number of its own. */
  idsPerType: 2_048,
  /** One spec, unless its type has a number of its own. */
  specBytes: 64 * kib,
  /** YAML values in one spec. */
  specNodes: 4_096,
  /** YAML levels in one spec. */
  specDepth: 64,
  /** The machine config, which is read as os:admin alone. */
  machineConfigBytes: 4 * mib,
  /** All resources of one connection, as they were sent. */
  heldBytes: 4 * mib,
  /** Calls and streams that are open at a time; others wait. */
  openCalls: 64,
  /** Calls that wait for one to end. */
  waitingCalls: 4_096,
  bytesPerSecond: 2 * mib,
  bytesAtOnce: 32 * mib,
  messagesPerSecond: 2_000,
  messagesAtOnce: 32_768,
  /** YAML values of all specs of a connection, with `nodesPerChange` for each. Steady, it is some 2 % of a processor. */
  nodesPerSecond: 2_500,
  nodesAtOnce: 200_000,
  /** What a change costs whatever is in it, as so many values: its message, its metadata, a parser that begins. */
  nodesPerChange: 16,
  /** What comes through the socket, whatever it is. */
  socketBytesPerSecond: 8 * mib,
  socketBytesAtOnce: 128 * mib,
  /** Messages of one stream that wait to be read. */
  unreadMessages: 64,
  unreadBytes: 512 * kib,
  lineBytes: 64 * kib,
  /** Lines in one message; further ones are left out, and a line says so. */
  linesPerMessage: 4_096,
  directoryEntries: 20_000,
  directoryBytes: 4 * mib,
  /** First wait after a misbehaviour; it doubles with each one. */
  firstPenaltyMs: 60_000,
  longestPenaltyMs: 15 * 60_000,
  /** So long without one, and the waits begin anew. */
  forgivenAfterMs: 10 * 60_000,
  /** Reading a machine in maintenance mode that a scan has found. */
  scanReadMs: 45_000,
} as const;

/** What the Image Factory may send. */
export const factoryCaps = {
  answerBytes: mib,
  answerDepth: 8,
  answerNodes: 50_000,
  answerMs: 15_000,
  versions: 2_000,
  extensions: 1_000,
  /** Releases whose extensions are kept. */
  keptReleases: 24,
  redirects: 3,
  stallMs: 60_000,
  /** A download as a whole. */
  downloadMs: 60 * 60_000,
} as const;

/** What a cluster's Kubernetes API may send. */
export const kubernetesCaps = {
  answerBytes: 2 * mib,
  answerDepth: 32,
  answerNodes: 40_000,
  answerMs: 15_000,
  pageItems: 50,
  pages: 1_000,
  /** Pods on one node. */
  podsOnNode: 2_000,
  budgets: 1_000,
  listMs: 120_000,
  labels: 64,
} as const;

/** How long one turn of the event loop works on what machines sent before others get theirs. */
export const turnMs = 8;
