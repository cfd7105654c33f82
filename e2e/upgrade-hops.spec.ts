import { expect, type Page, test } from "@playwright/test";
import { nodeByName } from "./support/demo";
import { signIn } from "./support/sign-in";
import { visit } from "./support/visit";

const newest = "v1.14.0";
const names = ["cp-03", "gpu-02", "gpu-06", "gpu-07", "w-01"];

const minorOf = (version: string | null): number => Number(version?.split(".")[1] ?? 0);
const planRow = (page: Page, name: string) =>
  page
    .getByRole("list", { name: "Order of the nodes" })
    .locator(":scope > li")
    .filter({ hasText: new RegExp(`\\d+\\. ${name} `) });

async function start(page: Page): Promise<void> {
  const button = page.getByRole("button", { name: "Start upgrade" });
  await expect(button).toBeEnabled();
  // What starts it stands below what it starts.
  const [order, below] = await Promise.all([
    page.getByRole("heading", { name: "In this order" }).boundingBox(),
    button.boundingBox(),
  ]);
  expect(below?.y ?? 0).toBeGreaterThan(order?.y ?? Number.POSITIVE_INFINITY);
  await button.click();
  await page.waitForURL(/\/upgrades\/run_/);
}

async function untilDone(page: Page, who: readonly string[]): Promise<void> {
  for (const name of who) {
    const lane = page.getByRole("button", { name: new RegExp(name) });
    await expect(lane).toContainText("Done", { timeout: 400_000 });
  }
}

test("nodes of mixed releases end on the newest one, by one plan per hop, and none waits for nothing", async ({
  page,
}) => {
  test.setTimeout(900_000);
  const nodes = await Promise.all(names.map(nodeByName));
  // Other stories of this fleet may have brought one there already.
  const behind = nodes.filter(({ talosVersion }) => talosVersion !== newest);
  const twoHops = behind.filter(({ talosVersion }) => minorOf(newest) - minorOf(talosVersion) === 2);
  expect(behind.length).toBeGreaterThanOrEqual(4);
  expect(twoHops.length).toBeGreaterThanOrEqual(2);
  await signIn(page, "operator");

  await test.step("the newest release is the target, and the marks say what each one is", async () => {
    await visit(page, `/upgrades/new?nodes=${nodes.map(({ id }) => id).join(",")}`);
    const release = page.getByLabel("Talos release");
    await expect(release).toHaveValue(newest);
    await expect(release.locator("option").first()).toHaveText("1.14.0 · newest, 2 minors ahead");
  });

  await test.step("each node takes its own next hop, and its effect is said", async () => {
    for (const { name, talosVersion } of behind) {
      const hop = minorOf(newest) - minorOf(talosVersion) === 2 ? "1.13.9 then 1.14.0" : "1.14.0";
      await expect(planRow(page, name)).toContainText(`${talosVersion?.slice(1)} → ${hop}`);
      await expect(planRow(page, name)).toContainText("Restarts ·");
    }
    await expect(page.getByText("waits for the next hop")).toHaveCount(0);
    await expect(page.getByText(`${twoHops.length} nodes will not have arrived after this run`)).toBeVisible();
  });

  await test.step("the first run: all but those that have two hops arrive", async () => {
    await start(page);
    await untilDone(
      page,
      behind.map(({ name }) => name),
    );
  });

  await test.step("its page offers the plan for the rest, which is the last one", async () => {
    await page.getByRole("link", { name: "Plan the next hop" }).click();
    await expect(page.getByRole("heading", { name: "In this order" })).toBeVisible();
    for (const { name } of twoHops) await expect(planRow(page, name)).toContainText("1.13.9 → 1.14.0");
    await expect(page.getByText(`${twoHops.length} nodes will be upgraded`, { exact: false })).toBeVisible();
    await start(page);
    await untilDone(
      page,
      twoHops.map(({ name }) => name),
    );
    await expect(page.getByRole("link", { name: "Plan the next hop" })).toHaveCount(0);
  });

  for (const name of names)
    await expect.poll(async () => (await nodeByName(name)).talosVersion, { timeout: 60_000 }).toBe(newest);
});
