import type { Page } from "@playwright/test";

/**
 * Waits until the page's scripts hold every control on it. A page comes with all its buttons drawn; on a busy machine a
 * press may fall in the moment before they can answer, where a person would press again.
 */
async function answers(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const controls = [...document.querySelectorAll("button, input, textarea, form")];
    return controls.every((one) => Object.keys(one).some((key) => key.startsWith("__reactProps")));
  });
}

/** Goes to a page by its address, or loads the one that is shown again. */
export async function visit(page: Page, path?: string): Promise<void> {
  await (path === undefined ? page.reload() : page.goto(path));
  await answers(page);
}

/** After a whole load that the page did by itself. */
export async function loaded(page: Page): Promise<void> {
  await page.waitForLoadState();
  await answers(page);
}
