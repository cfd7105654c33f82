import { expect, test } from "@playwright/test";
import { startTestProvider, type TestProvider } from "@/lib/people/oidc/provider-testing";
import { signedIn, signOut, visitSignIn } from "./support/people";
import { ageProofs } from "./support/sessions-testing";
import { visit } from "./support/visit";

// Several sign-ins each: a hash of a password and a whole page apiece, on a machine that may be busy.
test.setTimeout(420_000);

let provider: TestProvider;
const button = "Continue with the test provider";

test.beforeAll(async () => {
  const redirectUri = `${process.env.ICHOR_E2E_URL ?? ""}/api/auth/callback/oidc`;
  provider = await startTestProvider(redirectUri, { port: Number(process.env.ICHOR_E2E_PROVIDER_PORT) });
  provider.people.set("grace", { preferred_username: "grace-hopper", groups: ["operators"] });
  provider.people.set("mallory", { groups: ["others"] });
});
test.afterAll(() => provider.close());

test("a sign-in through the identity provider has the role of its groups, and is proven there again", async ({
  page,
}) => {
  // A provider that did not answer a moment ago is asked again after five seconds.
  await expect(async () => {
    await visitSignIn(page);
    await page.getByRole("button", { name: button }).click();
    await expect(page.getByRole("heading", { name: "Test provider" })).toBeVisible({ timeout: 10_000 });
  }).toPass();
  await page.getByRole("button", { name: "Continue as grace" }).click();
  await signedIn(page);
  await expect(page.getByRole("button", { name: "Account: grace-hopper, operator" })).toBeVisible();

  await test.step("what is sensitive leads to the provider, and back to the page", async () => {
    ageProofs("grace-hopper", 6);
    const make = async (): Promise<void> => {
      await page.getByRole("button", { name: "New token…" }).click();
      const dialog = page.getByRole("dialog", { name: "New API token" });
      await dialog.getByLabel("Name").fill("script");
      await dialog.getByRole("button", { name: "Make token" }).click();
    };
    await make();
    await page.getByRole("dialog", { name: "Confirm that it is you" }).getByRole("button", { name: button }).click();
    await page.getByRole("button", { name: "Continue as grace" }).click();
    await expect(page).toHaveURL(/\/settings$/);
    await make();
    await expect(page.getByText(/ichor_[\w-]{20,}/)).toBeVisible();
  });

  await test.step("another group gives another role at the next sign-in", async () => {
    await visit(page);
    await signOut(page);
    provider.people.set("grace", { preferred_username: "grace-hopper", groups: ["auditors"] });
    await visitSignIn(page);
    await page.getByRole("button", { name: button }).click();
    await signedIn(page);
    await expect(page.getByRole("button", { name: "Account: grace-hopper, auditor" })).toBeVisible();
  });
});

test("who is in no group of the console's is told so, and is not signed in", async ({ page }) => {
  await visit(page, "/sign-in");
  await page.getByRole("button", { name: button }).click();
  await page.getByRole("button", { name: "Continue as mallory" }).click();
  await expect(page.getByText(/none of your groups there may use this console/)).toBeVisible();
  await visit(page, "/nodes");
  await expect(page).toHaveURL(/\/sign-in/);
});
