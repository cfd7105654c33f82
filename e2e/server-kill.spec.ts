import { expect, test } from "@playwright/test";
import { consolePid, control, nodeByName } from "./support/demo";
import { signIn } from "./support/sign-in";
import { visit } from "./support/visit";

test("the server is killed in the middle of an upgrade, and the run goes on", async ({ page }) => {
  test.setTimeout(420_000);
  const node = await nodeByName("gpu-07");
  await signIn(page, "operator");

  // A slow pull, so that the kill falls into the middle of it.
  await control("POST", "/faults", { node: "gpu-07", fault: "slow-pull:4" });
  await visit(page, `/upgrades/new?nodes=${node.id}&to=v1.14.0`);
  await page.getByRole("button", { name: "Start upgrade" }).click();
  await page.waitForURL(/\/upgrades\/run_/);
  await expect(page.getByRole("list", { name: "Image layers" })).toBeVisible();

  const killed = consolePid();
  process.kill(killed, "SIGKILL");
  await expect(page.getByText(/Reconnecting/).first()).toBeVisible({ timeout: 60_000 });
  await expect.poll(() => consolePid(), { timeout: 60_000 }).not.toBe(killed);
  await control("DELETE", "/faults?node=gpu-07");

  const lane = page.getByRole("button", { name: /gpu-07/ });
  await expect(lane).toContainText("Done", { timeout: 300_000 });
  await expect.poll(async () => (await nodeByName("gpu-07")).talosVersion, { timeout: 60_000 }).toBe("v1.14.0");

  // Nothing was done twice: one installation, one reboot.
  const calls = (await control("GET", "/rpc-log")) as { node: string; method: string }[];
  const ofNode = calls.filter((call) => call.node === "gpu-07");
  expect(ofNode.filter(({ method }) => /LifecycleService\/Upgrade$/.test(method))).toHaveLength(1);
  expect(ofNode.filter(({ method }) => /MachineService\/Reboot$/.test(method))).toHaveLength(1);
});
