import { expect, test } from "@playwright/test";
import { Secret, TOTP } from "otpauth";
import { addAuthenticator } from "./support/authenticator";
import { enter, localhostUrl, newPerson, signedIn, signOut, visitSignIn } from "./support/people";
import { ageProofs } from "./support/sessions-testing";

// Several sign-ins each: a hash of a password and a whole page apiece, on a machine that may be busy.
test.setTimeout(420_000);
const stepMs = 30_000;
/** The code of a step after the one that is now: each works once, and one that is a step early is still right. */
const codeOf = (secret: string, stepsAhead: number): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + stepsAhead * stepMs });

test("an authenticator app is set up, asked for at the next sign-in, and stood in for by a recovery code", async ({
  browser,
  page,
}) => {
  const person = await newPerson(browser, "totp-person");
  await enter(page, person);
  await signedIn(page);
  await page.getByRole("button", { name: "Add authenticator app…" }).click();
  const dialog = page.getByRole("dialog", { name: "Add an authenticator app" });
  const secret = (await dialog.locator("code").innerText()).replaceAll(" ", "");
  await dialog.getByLabel("Code of the app").fill(codeOf(secret, 0));
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  const codes = page.getByRole("dialog", { name: "Your recovery codes" });
  const [recovery = ""] = (await codes.locator("pre").innerText()).split("\n");
  expect(recovery).toMatch(/^\w{5}(-\w{5}){3}$/);
  await codes.getByRole("button", { name: "I have kept them" }).click();
  await expect(page.getByText("10 of 10 recovery codes left.")).toBeVisible();
  await signOut(page);

  await enter(page, person);
  const code = page.getByLabel("Code of your app, or a recovery code");
  await code.fill("000000");
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await expect(page.getByText(/Wait for the next code of the app/)).toBeVisible();
  await code.fill(codeOf(secret, 1));
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await signedIn(page);
  await signOut(page);

  await enter(page, person);
  await code.fill(recovery);
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await signedIn(page);
  await expect(page.getByText("9 of 10 recovery codes left.")).toBeVisible();
});

test("a passkey is added, signs in alone and after the password, and proves who it is", async ({ browser, page }) => {
  const person = await newPerson(browser, "passkey-person");
  await addAuthenticator(page);
  await enter(page, person, localhostUrl());
  await signedIn(page);
  await page.getByRole("button", { name: "Add passkey…" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a passkey" });
  await dialog.getByLabel("Name").fill("virtual key");
  await dialog.getByRole("button", { name: "Make passkey" }).click();
  await page.getByRole("button", { name: "I have kept them" }).click();
  await expect(page.getByText("passkey for localhost, never used")).toBeVisible();
  await signOut(page);

  await visitSignIn(page, localhostUrl());
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await signedIn(page);
  await signOut(page);

  await enter(page, person, localhostUrl());
  await page.getByRole("button", { name: "Use your passkey" }).click();
  await signedIn(page);

  ageProofs(person.name, 6);
  await page.getByRole("button", { name: "New recovery codes" }).click();
  await page
    .getByRole("dialog", { name: "Confirm that it is you" })
    .getByRole("button", { name: /passkey/ })
    .click();
  await expect(page.getByRole("dialog", { name: "Your recovery codes" })).toBeVisible();
});
