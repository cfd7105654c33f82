import { newApiToken } from "@/lib/auth/api-token";
import type { Role } from "@/lib/auth/role";
import { newId } from "@/lib/core/ids";
import { db } from "@/lib/db/client";

export { setUpTestDatabase } from "@/lib/db/testing";

/** The `Authorization` header of a script with that role, for tests of routes. */
export async function bearerOf(role: Role): Promise<string> {
  const { token, hash } = newApiToken();
  const expiresAt = new Date(Date.now() + 3600_000);
  await db.apiToken.create({ data: { id: newId("token"), name: role, role, hash, expiresAt } });
  return `Bearer ${token}`;
}
