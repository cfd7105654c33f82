import { expect, type Page, test } from "@playwright/test";
import { axeFindings } from "./support/axe";
import { nodeByName } from "./support/demo";
import { signIn } from "./support/sign-in";
import { visit } from "./support/visit";

/** The step that is to be done now, by its title. */
const current = (page: Page, title: string) =>
  page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: new RegExp(`^\\d\\. ${title}$`) }) });

/** Goes from the overview to a node's change by the button of its row alone. */
async function fromOverview(page: Page, name: string, button: RegExp): Promise<void> {
  await visit(page, "/");
  const row = page.getByRole("listitem").filter({ has: page.getByRole("link", { name, exact: true }) });
  await row.getByRole("link", { name: button }).click();
  await page.waitForURL(/\/nodes\/[^/]+\/change$/);
}

async function assign(page: Page): Promise<void> {
  const step = current(page, "Profile and image");
  await expect(step.getByText("Nothing changes on the node.", { exact: false })).toBeVisible();
  await step.getByRole("button", { name: "Assign", exact: true }).click();
}

async function apply(page: Page): Promise<void> {
  const step = current(page, "Machine config");
  await step.getByRole("button", { name: "Apply…" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Apply" }).click();
}

/** Starts the upgrade of the page and waits until the run has done its work. */
async function upgrade(page: Page): Promise<void> {
  const step = current(page, "Upgrade");
  await expect(step.getByText("one, after the installation")).toBeVisible();
  await step.getByRole("button", { name: "Start upgrade" }).click();
  await page.waitForURL(/\/upgrades\/run_/);
  await expect(page.getByRole("button", { name: /Done/ }).first()).toBeVisible({ timeout: 300_000 });
}

test("gpu-08 goes from no profile to a GPU that works along the offered actions alone", async ({ page }) => {
  test.setTimeout(480_000);
  const { id } = await nodeByName("gpu-08");
  await signIn(page, "admin");

  await test.step("the overview leads to the profile", async () => {
    await fromOverview(page, "gpu-08", /^Assign nvidia-open-production/);
    await expect(current(page, "Upgrade")).toContainText(/later|not needed/);
    await assign(page);
  });

  await test.step("the config comes before the upgrade", async () => {
    await expect(current(page, "Machine config").getByRole("button", { name: "Apply…" })).toBeVisible();
    expect(await axeFindings(page)).toEqual([]);
  });

  await test.step("another browser goes on where this one stopped", async () => {
    await fromOverview(page, "gpu-08", /^Continue/);
    await apply(page);
    await upgrade(page);
  });

  await test.step("it works, and nothing is left to do", async () => {
    await visit(page, `/nodes/${id}/change`);
    await expect(page.getByRole("heading", { name: "Proven to work" })).toBeVisible({ timeout: 120_000 });
    const node = await nodeByName("gpu-08");
    expect(node.proofs.map(({ state }) => state)).toEqual(["working"]);
    expect(node.attention).toEqual([]);
  });
});

test("on a phone the reason stands before the chain", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await signIn(page, "viewer");
  await visit(page, `/nodes/${(await nodeByName("cp-02")).id}/gpus`);
  const why = await page.getByRole("heading", { name: "It needs a profile" }).boundingBox();
  const chain = await page.getByRole("list", { name: /^Proof chain/ }).boundingBox();
  expect(why?.y).toBeLessThan(chain?.y ?? 0);
});

test("an ended session is told as that, with the way back in", async ({ page, context }) => {
  await signIn(page, "operator");
  // The live stream would notice it, too, and lead to the sign-in before the button is pressed: it is held back.
  await page.route("**/api/live*", () => undefined);
  await visit(page, `/nodes/${(await nodeByName("w-01")).id}`);
  await context.clearCookies();
  await page.getByRole("button", { name: "Reboot…" }).click();
  const dialog = page.getByRole("alertdialog");
  await dialog.getByRole("button", { name: "Reboot" }).click();
  await expect(dialog.getByText("Your session has ended, so nothing was done.")).toBeVisible();
  await expect(dialog.getByRole("link", { name: "Sign in" })).toHaveAttribute("href", /^\/sign-in\?from=/);
});
