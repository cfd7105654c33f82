import { expect, type Page } from "@playwright/test";
import type { Role } from "@/lib/auth/role";
import { passwordOf } from "./demo";
import { loaded, visit } from "./visit";

/** Signs in by the form, as a person does. */
export async function signIn(page: Page, role: Role): Promise<void> {
  await visit(page, "/sign-in");
  await page.getByLabel("Name").fill(role);
  await page.getByLabel("Password").fill(passwordOf(role));
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { level: 1, name: /nodes?, \d+ GPUs?/ })).toBeVisible();
  await loaded(page);
}
