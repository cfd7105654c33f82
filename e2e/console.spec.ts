import { expect, test } from "@playwright/test";
import { api, nodeByName, passwordOf } from "./support/demo";
import { signIn } from "./support/sign-in";
import { loaded, visit } from "./support/visit";

const nodeCount = async (): Promise<number> => ((await api("nodes")).body as { data: unknown[] }).data.length;

test("the console is worked by keyboard alone", async ({ page }) => {
  await signIn(page, "admin");

  await test.step("the skip link leads past the navigation", async () => {
    await visit(page, "/nodes");
    await page.keyboard.press("Tab");
    await expect(page.getByRole("link", { name: "Skip to the page" })).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page.locator("main")).toBeFocused();
  });

  const table = page.getByRole("table", { name: /^Nodes/ });
  await test.step("j, k and x go through the table and tick a row", async () => {
    await expect(table.getByRole("row")).toHaveCount((await nodeCount()) + 1);
    await page.keyboard.press("j");
    await expect(table.getByRole("link", { name: "cp-01" })).toBeFocused();
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    await expect(table.getByRole("link", { name: "cp-02" })).toBeFocused();
    await page.keyboard.press("x");
    await expect(page.getByRole("region", { name: "Selection" })).toContainText("1 selected");
    await page.keyboard.press("x");
    await expect(page.getByRole("region", { name: "Selection" })).toHaveCount(0);
  });

  await test.step("slash focuses the filter, where letters are letters", async () => {
    await page.keyboard.press("/");
    const filter = page.getByRole("searchbox", { name: /^Filter by name/ });
    await expect(filter).toBeFocused();
    await page.keyboard.type("gn?");
    await expect(filter).toHaveValue("gn?");
    await expect(page).toHaveURL(/\/nodes/);
    await expect(page.getByRole("dialog")).toHaveCount(0);
  });

  await test.step("a question mark lists the keys; g and a letter go somewhere", async () => {
    await visit(page, "/");
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await page.keyboard.press("g");
    await page.keyboard.press("n");
    await expect(page.getByRole("heading", { level: 1, name: "Nodes" })).toBeFocused();
  });

  await test.step("the palette finds a node by its GPU and goes there", async () => {
    await page.keyboard.press("Control+k");
    await expect(page.getByRole("combobox", { name: /^Find a node/ })).toBeFocused();
    await page.keyboard.type("1080");
    await expect(page.getByRole("option", { name: /^gpu-03/ })).toHaveAttribute("aria-selected", "true");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1, name: "gpu-03" })).toBeVisible();
  });

  await test.step("a dialog gives focus back to what opened it, a menu's to the menu's button", async () => {
    const more = page.getByRole("button", { name: "More actions" });
    await more.press("Enter");
    await page.getByRole("menuitem", { name: "Reboot…" }).press("Enter");
    await expect(page.getByRole("alertdialog").getByRole("button", { name: "Cancel" })).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(more).toBeFocused();
    const reboot = page.getByRole("button", { name: "Reboot…" });
    await reboot.press("Enter");
    await expect(page.getByRole("alertdialog")).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(reboot).toBeFocused();
  });

  await test.step("single letters can be turned off, and stay off", async () => {
    await page.keyboard.press("?");
    await page.getByRole("switch", { name: "Single-letter shortcuts" }).press("Space");
    await page.keyboard.press("Escape");
    await visit(page);
    await expect(page.getByRole("heading", { level: 1, name: "gpu-03" })).toBeVisible();
    await page.keyboard.press("g");
    await page.keyboard.press("n");
    await page.keyboard.press("?");
    await page.keyboard.press("Control+k");
    await expect(page.getByRole("dialog", { name: /^Find a node/ })).toBeVisible();
    await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toHaveCount(0);
    await expect(page).toHaveURL(/\/nodes\/node_/);
  });
});

test("the theme changes at once and outlives a reload", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await signIn(page, "viewer");
  const canvas = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await canvas();
  await page.getByRole("button", { name: /^Account/ }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  await expect.poll(canvas).not.toBe(light);
  const dark = await canvas();
  await visit(page);
  expect(await canvas()).toBe(dark);
  await page.getByRole("button", { name: /^Account/ }).click();
  await expect(page.getByRole("menuitemradio", { name: "Dark" })).toBeChecked();
});

test("filter and sort are in the address: they survive a reload, and what hides everything says so", async ({
  page,
}) => {
  await signIn(page, "viewer");
  await visit(page, "/nodes");
  const rows = page.getByRole("table", { name: /^Nodes/ }).getByRole("row");
  await expect(rows).toHaveCount((await nodeCount()) + 1);
  await page.getByRole("button", { name: "GPU", exact: true }).click();
  await page.getByRole("menuitemcheckbox", { name: /^RTX 4090/ }).click();
  await page.keyboard.press("Escape");
  await expect(rows).toHaveCount(2);
  await expect(page).toHaveURL(/gpu=RTX/);
  await page.getByRole("columnheader", { name: "Talos" }).getByRole("button").click();
  await expect(page).toHaveURL(/sort=/);
  await visit(page);
  await expect(rows).toHaveCount(2);
  await expect(rows.last()).toContainText("gpu-01");

  await page.getByRole("searchbox", { name: /^Filter by name/ }).fill("nosuchnode");
  await expect(page.getByText("No nodes match these filters")).toBeVisible();
  await page.getByRole("button", { name: "Clear filters" }).click();
  await expect(rows).toHaveCount((await nodeCount()) + 1);
  await expect(page).toHaveURL(/\/nodes(\?sort=[^&]*)?$/);
});

test("one profile for many nodes: who is left out and who refused it is said by name", async ({ page }) => {
  await signIn(page, "operator");
  await visit(page, "/nodes");
  for (const name of ["gpu-07", "gpu-02", "w-01"]) {
    await page.getByRole("checkbox", { name: `Select ${name}` }).check();
  }
  await page.getByRole("button", { name: "Assign profile…" }).click();
  const dialog = page.getByRole("dialog", { name: /^Assign a GPU profile to 2/ });
  await expect(dialog.getByRole("listitem").filter({ hasText: "w-01" })).toContainText("No GPU was seen on this node.");
  await dialog.getByLabel("GPU profile").selectOption("nvidia-proprietary-lts");
  await dialog.getByRole("button", { name: "Assign", exact: true }).click();
  await expect(page.getByText(/nvidia-proprietary-lts assigned to 1/)).toBeVisible();
  await expect(dialog.getByText(/1\snode refused it/)).toBeVisible();
  await expect(dialog.getByRole("listitem").filter({ hasText: "gpu-02" })).toBeVisible();
  expect((await nodeByName("gpu-07")).intent.profileIds).toEqual(["nvidia-proprietary-lts"]);
  // As the import found it.
  expect((await nodeByName("gpu-02")).intent.profileIds).toEqual(["nvidia-open-production"]);
});

test("a viewer sees what could be done, and why not by them", async ({ page }) => {
  await signIn(page, "viewer");
  await visit(page, `/nodes/${(await nodeByName("w-01")).id}`);
  const reboot = page.getByRole("button", { name: "Reboot…" });
  await expect(reboot).toHaveAttribute("aria-disabled", "true");
  // The page may have to wake up first.
  await expect(async () => {
    await page.mouse.move(0, 0);
    await reboot.hover();
    await expect(page.getByRole("tooltip")).toContainText("operator", { timeout: 2_000 });
  }).toPass();
  // Pressed all the same: a button that says why it is off does nothing.
  await reboot.click({ force: true });
  await expect(page.getByRole("alertdialog")).toHaveCount(0);
});

test("signing in says what is wrong, and signing out ends it", async ({ page }) => {
  await visit(page, "/nodes?gpu=RTX+4090");
  await expect(page).toHaveURL(/\/sign-in\?from=/);
  await page.getByLabel("Name").fill("viewer");
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("The name or the password is not right.")).toBeVisible();
  await expect(page.getByLabel("Name")).toHaveValue("viewer");
  await page.getByLabel("Password").fill(passwordOf("viewer"));
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/nodes\?gpu=RTX/);
  await loaded(page);
  await page.getByRole("button", { name: /^Account/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await visit(page, "/nodes");
  await expect(page).toHaveURL(/\/sign-in/);
});

test("a set-up link that was used or made up opens nothing", async ({ page }) => {
  await visit(page, "/set-up?token=made-up");
  await expect(page.getByRole("heading", { name: "This link is not valid" })).toBeVisible();
  await expect(page.getByLabel("Password")).toHaveCount(0);
});
