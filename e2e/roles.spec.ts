import { expect, test } from "@playwright/test";
import { adminToken, api, nodeByName, passwordOf } from "./support/demo";

/** Makes a token of one's own role, signed in by the form, and gives it back. */
async function tokenOf(role: "viewer" | "operator", browserName: string): Promise<string> {
  const made = await api("operations/token.create", {
    method: "POST",
    body: JSON.stringify({ name: `${role} ${browserName}`, role, expiresInDays: 1 }),
  });
  expect(made.status).toBe(200);
  return (made.body as { data: { token: string } }).data.token;
}

const call = async (token: string, name: string, input: unknown) => {
  const { status, body } = await api(`operations/${name}`, { method: "POST", body: JSON.stringify(input) }, token);
  return { status, code: (body as { error?: { code: string } }).error?.code };
};

test("each role is refused at the operation what is not its own", async ({ browserName }) => {
  const node = await nodeByName("w-01");
  const viewer = await tokenOf("viewer", browserName);
  const operator = await tokenOf("operator", browserName);

  const refused = { status: 403, code: "forbidden" };
  expect(await call(viewer, "node.reboot", { nodeId: node.id })).toEqual(refused);
  expect(await call(viewer, "gpu-profile.assign", { nodeIds: [node.id], profileIds: ["none"] })).toEqual(refused);
  expect(await call(operator, "node.reset", { nodeId: node.id, confirmName: "w-01" })).toEqual(refused);
  expect(await call(operator, "user.create", { name: "x", role: "admin", password: passwordOf("viewer") })).toEqual(
    refused,
  );
  expect(await call(operator, "cluster.download-kubeconfig", { clusterId: node.clusterId })).toEqual(refused);
  expect(await call("ichor_nonsense", "node.reboot", { nodeId: node.id })).toEqual({
    status: 401,
    code: "unauthenticated",
  });

  // What is theirs, they may.
  expect((await api("nodes", {}, viewer)).status).toBe(200);
  expect((await call(viewer, "upgrade.plan", { nodeIds: [node.id], targetVersion: null })).status).toBe(200);

  // The attempts are in the audit log.
  const { body } = await api("audit?phase=denied", {}, adminToken());
  const denied = (body as { data: { entries: { action: string }[] } }).data.entries.map(({ action }) => action);
  expect(denied).toEqual(expect.arrayContaining(["node.reboot", "gpu-profile.assign", "node.reset", "user.create"]));
});
