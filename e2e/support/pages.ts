import { api, nodeByName } from "./demo";

/** Every page of the console by what it is, with the simulated fleet's own ids. */
export async function everyPage(): Promise<[name: string, path: string][]> {
  const node = `/nodes/${(await nodeByName("gpu-03")).id}`;
  const { clusterId } = await nodeByName("gpu-03");
  const { body } = await api("nodes");
  const waiting = (body as { data: { id: string; stage: string }[] }).data.find(({ stage }) => stage === "maintenance");
  if (!waiting || !clusterId) throw new Error("the demo has no waiting machine or no cluster");
  const tabs = ["gpus", "change", "services", "logs", "config", "boot-media", "upgrades", "hardware", "network"];
  return [
    ["overview", "/"],
    ["nodes", "/nodes"],
    ["nodes, none matching", "/nodes?q=nosuchnode"],
    ["add machines", "/nodes/add"],
    ["node", node],
    ...tabs.map((tab): [string, string] => [`node, ${tab}`, `${node}/${tab}`]),
    ["waiting machine", `/nodes/${waiting.id}`],
    ["waiting machine, config", `/nodes/${waiting.id}/config`],
    ["clusters", "/clusters"],
    ["cluster", `/clusters/${clusterId}`],
    ["profiles", "/gpu-profiles"],
    ["profile", "/gpu-profiles/nvidia-proprietary-lts"],
    ["images", "/images"],
    ["upgrades", "/upgrades"],
    ["new plan", `/upgrades/new?nodes=${(await nodeByName("gpu-07")).id}`],
    ["audit", "/audit"],
    ["settings", "/settings"],
  ];
}
