import { systemContext } from "@/lib/auth/ctx";
import { roles } from "@/lib/auth/role";
import { errorMessage } from "@/lib/core/errors";
import { closeDatabase, db } from "@/lib/db/client";
import { openDatabase } from "@/lib/db/open";
import { createUser, setPassword } from "@/lib/people/commands";
import { createToken } from "@/lib/people/tokens";
import { writeWhole } from "./whole-file.mjs";

// Run by the demo before the console starts: accounts of each role and one API token, written where only this user reads.
// Passwords come from the demo through the environment, so that none is in a list of processes.
async function seed(): Promise<void> {
  const [, , credentialsFile] = process.argv;
  if (!credentialsFile) throw new Error("usage: seed-demo <credentials file>");
  const passwords = JSON.parse(process.env.ICHOR_DEMO_PASSWORDS ?? "{}") as Record<string, string>;

  openDatabase();
  const ctx = systemContext("demo");
  for (const role of roles) {
    const password = passwords[role];
    if (password === undefined) throw new Error(`no password for ${role}`);
    const left = await db.user.findUnique({ where: { name: role } });
    // By a start that was cut short: nobody was told its password.
    if (left) await setPassword(ctx, left.id, password);
    else await createUser(ctx, { name: role, role, password });
  }
  const { token } = await createToken(ctx, { name: "demo", role: "admin", doors: null, expiresInDays: 365 });
  const users = roles.map((role) => ({ name: role, role, password: passwords[role] }));
  writeWhole(credentialsFile, JSON.stringify({ users, token }));
  await closeDatabase();
}

seed().catch((error: unknown) => {
  console.error(errorMessage(error));
  process.exitCode = 1;
});
