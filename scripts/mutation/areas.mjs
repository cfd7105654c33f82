/**
 * What is mutated, area by area, and the tests that have to notice: those beside the code, without the ones that start a simulated
 * fleet (seconds each, and the rules that they walk have tests of their own here). In a critical area no mutant may survive.
 *
 * @typedef {{ mutate: string[], tests: string[], critical?: true }} Area
 */

const notCode = ["!**/*.test.ts", "!**/*testing*.ts", "!**/schema.ts"];
const files = (folder, names) => names.map((name) => `${folder}/${name}.ts`);
const except = (globs) => globs.map((glob) => `!${glob}`);

const chain = files("lib/audit", ["chain", "checkpoint", "guards", "signature"]);
const verification = files("lib/audit", ["verification"]);
const roles = files("lib/auth", ["ctx", "proof", "role"]);
const sessions = files("lib/auth", ["api-token", "require-role", "session"]);
const planHash = files("lib/upgrades", ["plan-hash"]);
const proof = files("lib/upgrades", ["proof", "proof-gpus", "proof-look", "step-prove"]);
const fence = files("lib/upgrades", ["journal", "lease"]);
const plan = files("lib/upgrades", [
  ...[
    "plan",
    "plan-aim",
    "plan-changes",
    "plan-checks",
    "plan-cluster",
    "plan-effect",
    "plan-facts",
    "plan-image",
    "plan-repair",
  ],
  ...["versions", "releases", "release-marks", "release-order", "judge", "overlap", "new-powers", "text", "wish-rules"],
]);
const testFolders = ["lib/upgrades", "lib/upgrades/facts", "lib/upgrades/change"];
const simulated = files("lib/upgrades", ["sim-*.test", "plain-node.test", "cordon-commands.test"]);

/** @type {Record<string, Area>} */
export const areas = {
  "audit-chain": {
    critical: true,
    mutate: chain,
    tests: files("lib/audit", ["chain.test", "guards.test", "signature.test", "verification.test"]),
  },
  "audit-verification": {
    critical: true,
    mutate: verification,
    tests: files("lib/audit", ["verification.test", "removal.test"]),
  },
  "plan-hash": { critical: true, mutate: planHash, tests: ["lib/upgrades/plan-hash.test.ts"] },
  roles: {
    critical: true,
    mutate: roles,
    tests: files("lib/auth", ["ctx.test", "proof.test", "role.test", "session.test"]),
  },
  sessions: {
    critical: true,
    mutate: [...sessions, ...files("lib/people", ["sessions", "tokens"])],
    tests: ["lib/auth/*.test.ts", ...files("lib/people", ["sessions.test", "tokens.test"])],
  },
  guard: {
    critical: true,
    mutate: ["lib/inventory/guard/*.ts", ...notCode],
    tests: ["lib/inventory/guard/*.test.ts", "!lib/inventory/guard/hold-matrix.test.ts"],
  },
  "gpu-proof": { critical: true, mutate: ["lib/gpu/proof*.ts", ...notCode], tests: ["lib/gpu/proof*.test.ts"] },
  proof: {
    critical: true,
    mutate: proof,
    tests: files("lib/upgrades", ["proof.test", "proof-node.test", "proof-gpus.test", "step-prove.test"]),
  },
  fence: {
    critical: true,
    mutate: fence,
    tests: files("lib/upgrades", ["journal.test", "journal-calls.test", "lease.test"]),
  },
  audit: {
    mutate: ["lib/audit/*.ts", ...except([...chain, ...verification]), ...notCode],
    tests: ["lib/audit/*.test.ts"],
  },
  "audit-keeping": { mutate: ["lib/audit-keeping/*.ts", ...notCode], tests: ["lib/audit-keeping/*.test.ts"] },
  auth: { mutate: ["lib/auth/*.ts", ...except([...roles, ...sessions]), ...notCode], tests: ["lib/auth/*.test.ts"] },
  operation: { mutate: ["lib/operation/*.ts", ...notCode], tests: ["lib/operation/*.test.ts"] },
  kubernetes: { mutate: ["lib/kubernetes/*.ts", ...notCode], tests: ["lib/kubernetes/*.test.ts"] },
  patch: { mutate: ["lib/machine-config/patch*.ts", ...notCode], tests: ["lib/machine-config/patch*.test.ts"] },
  redact: { mutate: ["lib/machine-config/redact*.ts", ...notCode], tests: ["lib/machine-config/redact*.test.ts"] },
  live: { mutate: ["lib/live/*.ts", ...notCode], tests: ["lib/live/*.test.ts"] },
  boot: { mutate: ["lib/boot/*.ts", ...notCode], tests: ["lib/boot/*.test.ts", "!lib/boot/simulated-factory.test.ts"] },
  plan: { mutate: plan, tests: ["lib/upgrades/*.test.ts", ...except(simulated)] },
  runs: {
    mutate: ["lib/upgrades/**/*.ts", ...except([...planHash, ...proof, ...fence, ...plan]), ...notCode],
    tests: [...testFolders.map((folder) => `${folder}/*.test.ts`), ...except(simulated)],
  },
};
