import { type Browser, expect, test } from "@playwright/test";
import type { Role } from "@/lib/auth/role";
import { api, nodeByName, passwordOf } from "./support/demo";
import { signIn } from "./support/sign-in";

type Answer = { status: number; code: string | undefined };

/** Calls operations with the session of someone who signed in by the form: no page stands between them and the server. */
async function sessionOf(browser: Browser, role: Role) {
  const page = await browser.newPage();
  await signIn(page, role);
  const origin = new URL(page.url()).origin;
  return {
    get: async (path: string) => (await page.request.get(`/api/v1/${path}`)).status(),
    call: async (name: string, data: unknown): Promise<Answer> => {
      const response = await page.request.post(`/api/v1/operations/${name}`, { data, headers: { origin } });
      const body = (await response.json()) as { error?: { code: string } };
      return { status: response.status(), code: body.error?.code };
    },
  };
}

test("each role is refused at the operation what is not its own", async ({ browser }) => {
  const node = await nodeByName("w-01");
  const viewer = await sessionOf(browser, "viewer");
  const operator = await sessionOf(browser, "operator");

  const refused: Answer = { status: 403, code: "forbidden" };
  expect(await viewer.call("node.reboot", { nodeId: node.id })).toEqual(refused);
  expect(await viewer.call("gpu-profile.assign", { nodeIds: [node.id], profileIds: ["none"] })).toEqual(refused);
  expect(await operator.call("node.reset", { nodeId: node.id, confirmName: "w-01" })).toEqual(refused);
  const account = { name: "x", role: "admin", password: passwordOf("viewer") };
  expect(await operator.call("user.create", account)).toEqual(refused);
  expect(await operator.call("cluster.download-kubeconfig", { clusterId: node.clusterId })).toEqual(refused);
  expect((await api("nodes", {}, "ichor_nonsense")).status).toBe(401);

  // What is theirs, they may.
  expect(await viewer.get("nodes")).toBe(200);
  expect((await viewer.call("upgrade.plan", { nodeIds: [node.id], targetVersion: null })).status).toBe(200);

  // The attempts are in the audit log.
  const { body } = await api("audit?phase=denied");
  const denied = (body as { data: { entries: { action: string }[] } }).data.entries.map(({ action }) => action);
  expect(denied).toEqual(expect.arrayContaining(["node.reboot", "gpu-profile.assign", "node.reset", "user.create"]));
});
