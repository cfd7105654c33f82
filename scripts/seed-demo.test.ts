import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { verifyPassword } from "@/lib/auth/password";
import { roles } from "@/lib/auth/role";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";

setUpTestDatabase();

/** Makes the demo's accounts as the demo does, in a process of its own. */
function seed(passwords: Record<string, string>): { users: { name: string; password: string }[] } {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "ichor-seed-")), "demo.json");
  const args = ["--conditions=react-server", "--import", "tsx", path.join(import.meta.dirname, "seed-demo.ts"), file];
  const { status, stderr } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    env: { ...process.env, ICHOR_DEMO_PASSWORDS: JSON.stringify(passwords) },
  });
  if (status !== 0) throw new Error(stderr);
  const text = fs.readFileSync(file, "utf8");
  fs.rmSync(path.dirname(file), { recursive: true });
  return JSON.parse(text) as ReturnType<typeof seed>;
}
const passwords = (prefix: string) =>
  Object.fromEntries(roles.map((role) => [role, `${prefix} quartz hobbit ${role}`]));

test("the passwords that the demo shows are those of its accounts, also after a first start that was cut short", async () => {
  seed(passwords("lost"));
  const { users } = seed(passwords("shown"));
  for (const { name, password } of users) {
    const { passwordHash } = await db.user.findUniqueOrThrow({ where: { name } });
    expect(await verifyPassword(passwordHash, password, { own: "test" })).toBe(true);
  }
}, 90_000);
