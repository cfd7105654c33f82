import { expect, test } from "@playwright/test";
import { enter, newPerson, signedIn } from "./support/people";
import { visit } from "./support/visit";

// Several sign-ins each: a hash of a password and a whole page apiece, on a machine that may be busy.
test.setTimeout(420_000);

test("sessions are listed and ended one by one, and the tab of one that has ended is told at once", async ({
  browser,
  page,
}) => {
  const person = await newPerson(browser, "session-person");
  const userAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
  const elsewhere = await browser.newContext({ userAgent });
  const tab = await elsewhere.newPage();
  const third = await (await browser.newContext()).newPage();
  for (const one of [page, tab, third]) {
    await enter(one, person);
    await signedIn(one);
  }
  await visit(tab, "/nodes");
  await visit(page);
  const end = page.getByRole("button", { name: /^End the session of session-person/ });
  await expect(end).toHaveCount(2);
  await expect(page.getByText("This one")).toBeVisible();
  await page.getByRole("button", { name: "End the session of session-person, Firefox on Linux…" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "End session" }).click();
  await expect(end).toHaveCount(1);
  await expect(tab).toHaveURL(/\/sign-in\?from=%2Fnodes/);
  await expect(tab.getByText("Your session has ended.")).toBeVisible();
  await visit(third, "/nodes");
  await expect(third).toHaveURL(/\/nodes$/);
  await elsewhere.close();
  await third.context().close();
});
