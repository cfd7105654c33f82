/** Steps of one node in a run, in order. Apart from the schemas, which pages that draw steps do not need. */
export const runSteps = ["preflight", "pull", "install", "drain", "reboot", "prove", "uncordon", "soak"] as const;
export type RunStep = (typeof runSteps)[number];
