import { expect, test } from "@playwright/test";
import { nodeByName } from "./support/demo";
import { signIn } from "./support/sign-in";

test("a machine in maintenance mode is taken into the cluster", async ({ page }) => {
  test.setTimeout(300_000);
  await signIn(page, "admin");

  await test.step("the cluster's secrets are read from a control plane", async () => {
    await page
      .getByRole("link", { name: /^Clusters/ })
      .first()
      .click();
    await page.getByRole("link", { name: "forge" }).first().click();
    await page
      .getByRole("button", { name: /Import secrets/ })
      .first()
      .click();
    await page.getByRole("dialog").getByRole("button", { name: "Import secrets" }).click();
    await expect(page.getByText("The secrets of forge are held")).toBeVisible();
  });

  await test.step("the waiting machine shows its hardware and the fingerprint of its certificate", async () => {
    await page
      .getByRole("link", { name: /^Nodes/ })
      .first()
      .click();
    const row = page.getByRole("row").filter({ hasText: "Arc B580" });
    await expect(row).toContainText("Waiting for config");
    await row.getByRole("link").first().click();
    await page.getByRole("link", { name: "Config", exact: true }).click();
    await expect(page.getByRole("heading", { name: "Certificate of the machine" })).toBeVisible();
  });

  await test.step("its first config is previewed, with the profile that fits the card", async () => {
    await page.getByLabel("Cluster", { exact: true }).selectOption({ label: "forge" });
    await page.getByLabel("Role", { exact: true }).selectOption("worker");
    await page.getByLabel("Hostname", { exact: true }).fill("gpu-09");
    const disk = page.getByLabel(/disk/i).first();
    if ((await disk.inputValue()) === "") await disk.selectOption({ index: 1 });
    await expect(page.getByText("intel-xe").first()).toBeAttached();
    await page.getByRole("button", { name: "Preview config" }).click();
    await expect(page.getByRole("heading", { name: "First config" })).toBeVisible();
  });

  await test.step("it is adopted and comes up in the cluster", async () => {
    await page.getByRole("checkbox").last().check();
    await page.getByRole("button", { name: "Dry run on the machine" }).click();
    await expect(page.getByText(/Dry run on .*: nothing was changed/)).toBeVisible();
    await page.getByRole("button", { name: "Adopt…" }).click();
    await page
      .getByRole("alertdialog")
      .getByRole("button", { name: /^Adopt/ })
      .click();
    await expect(page.getByRole("heading", { level: 1, name: "gpu-09" })).toBeVisible({ timeout: 120_000 });
    await expect(page.getByText(/^Running/).first()).toBeVisible({ timeout: 180_000 });
    const node = await nodeByName("gpu-09");
    expect(node.clusterName).toBe("forge");
    expect(node.stage).toBe("running");
  });
});
