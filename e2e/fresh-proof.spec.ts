import { expect, test } from "@playwright/test";
import { enter, newPerson, signedIn } from "./support/people";
import { ageProofs } from "./support/sessions-testing";

// Several sign-ins each: a hash of a password and a whole page apiece, on a machine that may be busy.
test.setTimeout(420_000);

test("what is sensitive asks for a fresh proof after five minutes, and goes on with it", async ({ browser, page }) => {
  const person = await newPerson(browser, "proof-person");
  await enter(page, person);
  await signedIn(page);
  ageProofs(person.name, 6);
  await page.getByRole("button", { name: "New token…" }).click();
  const form = page.getByRole("dialog", { name: "New API token" });
  await form.getByLabel("Name").fill("script");
  await form.getByRole("button", { name: "Make token" }).click();
  const proof = page.getByRole("dialog", { name: "Confirm that it is you" });
  await proof.getByLabel("Your password").fill("not the password");
  await proof.getByRole("button", { name: "Confirm" }).click();
  await expect(proof.getByText("This is not your current password.")).toBeVisible();
  await proof.getByLabel("Your password").fill(person.password);
  await proof.getByRole("button", { name: "Confirm" }).click();
  await expect(proof).toHaveCount(0);
  await expect(page.getByText(/ichor_[\w-]{20,}/)).toBeVisible();
  // Fresh now: the next one is not asked for.
  const session = await page.request.post("/api/v1/operations/token.create", {
    data: { name: "second", role: "viewer" },
    headers: { origin: new URL(page.url()).origin },
  });
  expect(session.status()).toBe(200);
});
