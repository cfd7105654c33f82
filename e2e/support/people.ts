import { type Browser, expect, type Page } from "@playwright/test";
import type { Role } from "@/lib/auth/role";
import { passwordOf } from "./demo";
import { loaded, visit } from "./visit";

export type Person = { name: string; password: string };

/** The console at `localhost`: browsers have passkeys there, and none at an IP address. */
export const localhostUrl = (): string => (process.env.ICHOR_E2E_URL ?? "").replace("127.0.0.1", "localhost");

/** An account of a test's own, since one that has a second factor lets nobody else in with the password alone. */
export async function newPerson(browser: Browser, name: string, role: Role = "operator"): Promise<Person> {
  const page = await browser.newPage();
  await enter(page, { name: "admin", password: passwordOf("admin") });
  await signedIn(page);
  const person = { name, password: `walnut trombone ${name}` };
  const response = await page.request.post("/api/v1/operations/user.create", {
    data: { ...person, role },
    headers: { origin: new URL(page.url()).origin },
  });
  expect(response.status(), "making an account").toBe(200);
  await page.context().close();
  return person;
}

/** Leads to the settings, which show nothing of the fleet: these tests do not wait until it has been read. */
const signInPath = "/sign-in?from=%2Fsettings";

/** The sign-in page, by its address. */
export const visitSignIn = (page: Page, base = ""): Promise<void> => visit(page, base + signInPath);

/** Enters name and password at the sign-in page. */
export async function enter(page: Page, { name, password }: Person, base = ""): Promise<void> {
  await visitSignIn(page, base);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** The page that a sign-in leads to. */
export async function signedIn(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { level: 1, name: "Settings" })).toBeVisible();
  await loaded(page);
}

export async function signOut(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Account/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in to Ichor" })).toBeVisible();
  await loaded(page);
}
