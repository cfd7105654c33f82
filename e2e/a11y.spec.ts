import { type Browser, expect, type Page, test } from "@playwright/test";
import { axeFindings } from "./support/axe";
import { nodeByName } from "./support/demo";
import { everyPage } from "./support/pages";
import { signIn } from "./support/sign-in";
import { visit } from "./support/visit";

type Theme = "light" | "dark";
type Opener = { name: string; path: string; open: (page: Page) => Promise<void>; shown: string };

/** A page in one theme; what the browser's console reports as an error ends in `errors`. */
async function themed(browser: Browser, theme: Theme, width = 1360): Promise<{ page: Page; errors: string[] }> {
  const context = await browser.newContext({
    colorScheme: theme,
    viewport: { width, height: 860 },
    // One of the two is read far from the server: what is drawn there must match all the same.
    ...(theme === "dark" && { timezoneId: "Asia/Kolkata" }),
  });
  const url = process.env.ICHOR_E2E_URL ?? "";
  await context.addCookies([{ name: "ichor-theme", value: theme, url }]);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("console", (message) => message.type() === "error" && errors.push(`${page.url()}: ${message.text()}`));
  page.on("pageerror", (error) => errors.push(`${page.url()}: ${error.message}`));
  return { page, errors };
}

/** The page as a reader sees it: data there, nothing on its way, nothing fading in. */
async function settled(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.locator("main [aria-busy=true]")).toHaveCount(0);
  await stilled(page);
}

/** No animation is under way but the endless ones. */
async function stilled(page: Page): Promise<void> {
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter(({ effect }) => effect?.getComputedTiming().iterations !== Infinity)
        .map(({ finished }) => finished.catch(() => null)),
    ),
  );
}

async function openers(): Promise<Opener[]> {
  const { id, clusterId } = await nodeByName("gpu-08");
  const node = `/nodes/${id}`;
  const drifted = `/nodes/${(await nodeByName("gpu-04")).id}`;
  const press = (name: string | RegExp) => (page: Page) => page.getByRole("button", { name }).first().click();
  const cluster = `/clusters/${clusterId}`;
  return [
    { name: "palette", path: "/", open: (page) => page.keyboard.press("Control+k"), shown: "dialog" },
    { name: "shortcuts", path: "/", open: (page) => page.keyboard.press("?"), shown: "dialog" },
    { name: "account menu", path: "/", open: press(/^Account/), shown: "menu" },
    { name: "filter menu", path: "/nodes", open: press("Status"), shown: "menu" },
    {
      name: "bulk assignment",
      path: "/nodes",
      open: async (page) => {
        await page.getByRole("checkbox", { name: /^Select all/ }).check();
        await page.getByRole("button", { name: "Assign profile…" }).click();
      },
      shown: "dialog",
    },
    { name: "node menu", path: node, open: press("More actions"), shown: "menu" },
    { name: "reboot", path: node, open: press("Reboot…"), shown: "alertdialog" },
    { name: "install image", path: drifted, open: press("Make the node true…"), shown: "alertdialog" },
    { name: "kubeconfig", path: cluster, open: press("kubeconfig…"), shown: "alertdialog" },
    { name: "talosconfig", path: cluster, open: press("talosconfig…"), shown: "alertdialog" },
    { name: "new person", path: "/settings", open: press("Add person…"), shown: "dialog" },
    { name: "new token", path: "/settings", open: press("New token…"), shown: "dialog" },
  ];
}

for (const theme of ["light", "dark"] as const) {
  test(`WCAG 2.2 AA: no finding on any page in the ${theme} theme, and no error in its console`, async ({
    browser,
  }) => {
    test.setTimeout(600_000);
    const { page, errors } = await themed(browser, theme);
    await visit(page, "/sign-in");
    expect.soft(await axeFindings(page), "sign in").toEqual([]);
    await visit(page, "/set-up?token=nonsense");
    expect.soft(await axeFindings(page), "set up").toEqual([]);
    await signIn(page, "admin");
    for (const [name, path] of await everyPage()) {
      await visit(page, path);
      await settled(page);
      expect.soft(await axeFindings(page), name).toEqual([]);
    }
    expect(errors).toEqual([]);
    await page.context().close();
  });

  test(`WCAG 2.2 AA: no finding in an open dialog or menu in the ${theme} theme`, async ({ browser }) => {
    test.setTimeout(600_000);
    const { page } = await themed(browser, theme);
    await signIn(page, "admin");
    for (const { name, path, open, shown } of await openers()) {
      await visit(page, path);
      await settled(page);
      await open(page);
      await expect(page.locator(`[role=${shown}]`)).toBeVisible();
      await stilled(page);
      expect.soft(await axeFindings(page), name).toEqual([]);
    }
    await page.context().close();
  });
}

test("no page scrolls sideways at 320 pixels, and its menu opens", async ({ browser }) => {
  test.setTimeout(600_000);
  const { page } = await themed(browser, "light", 320);
  await signIn(page, "admin");
  for (const [name, path] of await everyPage()) {
    await visit(page, path);
    await settled(page);
    const beyond = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect.soft(beyond, name).toBe(0);
  }
  await visit(page, "/nodes");
  await page.getByRole("button", { name: /menu|navigation/i }).click();
  await page.getByRole("dialog").getByRole("link", { name: "GPU profiles" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "GPU profiles" })).toBeVisible();
  await page.context().close();
});
