import { expect, test } from "@playwright/test";
import { nodeByName } from "./support/demo";
import { signIn } from "./support/sign-in";
import { visit } from "./support/visit";

test("from a GPU that does not work to one that is proven, by one upgrade, watched live", async ({ page, request }) => {
  test.setTimeout(420_000);
  const { id } = await nodeByName("gpu-03");
  let navigations = 0;

  await test.step("sign in: a dozen nodes are live", async () => {
    await signIn(page, "admin");
    await page
      .getByRole("link", { name: /^Nodes/ })
      .first()
      .click();
    const table = page.getByRole("table", { name: /node/i });
    // A machine that another test adopted meanwhile counts among the running ones.
    await expect.poll(() => table.getByRole("row").filter({ hasText: "Running" }).count()).toBeGreaterThanOrEqual(12);
    await expect(table.getByRole("row").filter({ hasText: "Waiting for config" }).first()).toBeVisible();
  });

  await test.step("the Pascal node says why, and which profile it needs", async () => {
    await page.getByRole("link", { name: "gpu-03" }).click();
    await page.getByRole("link", { name: "GPUs (not working)" }).click();
    await expect(page.getByText("GP102 is Pascal", { exact: false }).first()).toBeVisible();
    await expect(page.getByText("is not supported by open nvidia.ko", { exact: false })).toBeVisible();
    await expect(page.getByText("Assign nvidia-proprietary-lts").first()).toBeVisible();
  });

  await test.step("assign it", async () => {
    await page.getByRole("link", { name: /^Assign nvidia-proprietary-lts/ }).click();
    await page.getByRole("button", { name: "Assign", exact: true }).click();
    await expect(page.getByText("nvidia-proprietary-lts is recorded.")).toBeVisible();
  });

  const assigned = await nodeByName("gpu-03");
  const schematicId = assigned.intent.schematicId ?? "";

  await test.step("the schematic's ID is the factory's own, and its media download", async () => {
    await page.getByRole("link", { name: "Boot media" }).click();
    await expect(page.getByText(`schematic ${schematicId.slice(0, 8)}`)).toBeVisible();
    const iso = page.getByRole("link", { name: new RegExp(`/image/${schematicId}/.*/metal-amd64\\.iso$`) });
    const isoUrl = (await iso.getAttribute("href")) ?? "";
    const download = await request.get(isoUrl);
    expect(download.status()).toBe(200);
    expect((await download.body()).length).toBeGreaterThan(0);
    const factory = new URL(isoUrl).origin;
    const known = await request.get(`${factory}/schematics/${schematicId}`);
    expect(known.status()).toBe(200);
    expect(await known.text()).toContain("siderolabs/nonfree-kmod-nvidia-lts");
    const registered = await request.post(`${factory}/schematics`, { data: await known.text() });
    expect(((await registered.json()) as { id: string }).id).toBe(schematicId);
    const pxe = await page
      .getByRole("listitem")
      .filter({ hasText: "PXE script" })
      .first()
      .getByRole("code")
      .textContent();
    const script = await request.get(pxe ?? "");
    expect(await script.text()).toMatch(/^#!ipxe/);
  });

  await test.step("the config is previewed as a diff, tried on the node, and applied", async () => {
    await page.getByRole("link", { name: "Config", exact: true }).click();
    await expect(page.getByRole("heading", { name: "What would change" })).toBeVisible();
    await page.getByRole("button", { name: "Dry run on the node" }).click();
    await expect(page.getByText("Dry run on gpu-03: nothing was changed.")).toBeVisible();
    await page.getByRole("button", { name: "Apply…" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Apply" }).click();
    await expect(page.getByText("Applied to gpu-03.")).toBeVisible();
    await expect(page.getByText("Read back from the node: it runs exactly this config.")).toBeVisible();
  });

  await test.step("plan and start the upgrade", async () => {
    await page.getByRole("link", { name: "Change", exact: true }).click();
    await expect(page.getByText("The node's config holds what is recorded.")).toBeVisible();
    await page.getByRole("button", { name: "Start upgrade" }).click();
    await page.waitForURL(/\/upgrades\/run_/);
    page.on("framenavigated", (frame) => {
      if (frame === page.mainFrame()) navigations += 1;
    });
  });

  await test.step("layers, installer lines, drain, reboot and return are seen without a reload", async () => {
    await expect(page.getByRole("list", { name: "Image layers" })).toBeVisible();
    await expect(page.getByRole("log", { name: "Installer" })).toContainText("exit code 0", { timeout: 120_000 });
    await expect(page.getByRole("heading", { name: /^Drain: \d+ of \d+ pods gone/ })).toBeVisible({ timeout: 120_000 });
    const lane = page.getByRole("button", { name: /gpu-03/ });
    await expect(lane).toContainText(/Rebooting|Proving|Uncordoning|Soaking|Done/, { timeout: 120_000 });
    await expect(lane).toContainText("Done", { timeout: 240_000 });
    const proof = page.getByRole("region", { name: "Proof" });
    for (const check of [
      "Talos version",
      "Schematic",
      "New boot",
      "Extensions",
      "GPU modules",
      "GPUs on the bus",
      "GPUs in Kubernetes",
    ]) {
      await expect(proof.getByRole("listitem").filter({ hasText: check }).first()).toContainText("fine");
    }
    expect(navigations).toBe(0);
  });

  await test.step("the proof chain is green", async () => {
    await visit(page, `/nodes/${id}/gpus`);
    await expect(page.getByRole("heading", { name: "Proven to work" })).toBeVisible({ timeout: 90_000 });
    const proven = await nodeByName("gpu-03");
    expect(proven.proofs.map(({ state }) => state)).toEqual(["working", "working"]);
    expect(proven.runningSchematicId).toBe(schematicId);
  });

  await test.step("the audit log has it all", async () => {
    await page.getByRole("link", { name: "Audit" }).click();
    for (const action of ["gpu-profile.assign", "node.apply-config", "upgrade.start"]) {
      await expect(
        page.getByRole("row").filter({ hasText: action }).filter({ hasText: "Succeeded" }).first(),
      ).toBeVisible();
    }
  });
});
