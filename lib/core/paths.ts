export const nodeTabs = [
  "change",
  "gpus",
  "services",
  "logs",
  "config",
  "boot-media",
  "upgrades",
  "hardware",
  "network",
] as const;
export type NodeTab = (typeof nodeTabs)[number];

/** More ids than these make an address that proxies refuse. */
export const mostInAddress = 100;

/** In place of a release in an address: each node keeps its own, and only its image changes. */
export const asItRuns = "as-it-runs";

type Query = Record<string, string | number | undefined>;

function withQuery(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return search.size === 0 ? path : `${path}?${search}`;
}

const segment = encodeURIComponent;

/** Every address of the console, so that none is spelled twice. */
export const paths = {
  overview: () => "/",
  nodes: (query?: Query) => withQuery("/nodes", query),
  addNodes: () => "/nodes/add",
  node: (id: string, tab?: NodeTab) => (tab ? `/nodes/${segment(id)}/${tab}` : `/nodes/${segment(id)}`),
  clusters: () => "/clusters",
  cluster: (id: string) => `/clusters/${segment(id)}`,
  gpuProfiles: () => "/gpu-profiles",
  gpuProfile: (id: string) => `/gpu-profiles/${segment(id)}`,
  images: () => "/images",
  image: (schematicId: string) => `/images/${segment(schematicId)}`,
  configs: () => "/configs",
  upgrades: (query?: Query) => withQuery("/upgrades", query),
  /** `to`: a release, or `asItRuns`; without it the newest one. More nodes than an address holds are chosen on the page. */
  planUpgrade: (nodeIds: readonly string[] = [], { to, repair }: { to?: string; repair?: boolean } = {}) =>
    withQuery("/upgrades/new", {
      nodes: nodeIds.length > mostInAddress ? undefined : nodeIds.join(",") || undefined,
      to,
      repair: repair ? "true" : undefined,
    }),
  /** Where a plan is made while the page follows it. */
  planStream: () => "/api/upgrades/plan",
  upgrade: (runId: string) => `/upgrades/${segment(runId)}`,
  audit: (query?: Query) => withQuery("/audit", query),
  /** A file of JSON lines. */
  auditExport: () => "/api/v1/audit/export",
  settings: () => "/settings",
  /** A back-up of Ichor as a file. */
  backup: (file: string) => `/api/backups/${segment(file)}`,
  /** `ended`: the browser had a session, which is over. */
  signIn: (from?: string, ended = false) => withQuery("/sign-in", { from, ended: ended ? "1" : undefined }),
  setUp: (token: string) => withQuery("/set-up", { token }),
  operation: (name: string) => `/api/v1/operations/${segment(name)}`,
} as const;
