import { p50 } from "./samples.mjs";

/** Plans of the whole fleet: the first one, which asks every node, and those that follow within a minute. Milliseconds. */
export async function measurePlans({ address, token, operate, warm = 5 }) {
  const response = await fetch(`${address}/api/v1/nodes`, { headers: { authorization: `Bearer ${token}` } });
  const nodes = (await response.json()).data;
  const plan = async (fresh) => {
    const startMs = performance.now();
    const input = { nodeIds: nodes.map(({ id }) => id), targetVersion: "v1.14.0", fresh };
    const made = await operate(address, token, "upgrade.plan", input);
    const ms = performance.now() - startMs;
    const unreachable = made.skipped.filter(({ reason }) => reason.startsWith("It cannot be reached"));
    if (unreachable.length > 0) throw new Error(`${unreachable.length} nodes did not answer for the plan.`);
    return { ms, planned: made.nodes.length };
  };
  const first = await plan(true);
  const others = [];
  for (let round = 0; round < warm; round += 1) others.push((await plan(false)).ms);
  return { planColdMs: first.ms, planWarmMs: p50(others), planned: first.planned };
}
