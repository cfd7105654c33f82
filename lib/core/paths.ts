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
  planUpgrade: (nodeIds: readonly string[] = []) =>
    withQuery("/upgrades/new", { nodes: nodeIds.join(",") || undefined }),
  upgrade: (runId: string) => `/upgrades/${segment(runId)}`,
  audit: (query?: Query) => withQuery("/audit", query),
  settings: () => "/settings",
  signIn: (from?: string) => withQuery("/sign-in", { from }),
  setUp: (token: string) => withQuery("/set-up", { token }),
  operation: (name: string) => `/api/v1/operations/${segment(name)}`,
} as const;
