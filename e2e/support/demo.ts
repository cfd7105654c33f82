import fs from "node:fs";
import path from "node:path";
import { z } from "zod";
import type { Role } from "@/lib/auth/role";
import { type NodeView, nodeView } from "@/lib/inventory/schema";

const dataDir = (): string => {
  const dir = process.env.ICHOR_E2E_DATA_DIR;
  if (!dir) throw new Error("Start these tests with `npm run test:e2e`: they need a demo of their own.");
  return dir;
};
const readJson = (name: string): unknown => JSON.parse(fs.readFileSync(path.join(dataDir(), name), "utf8"));

const credentials = z.object({
  users: z.array(z.object({ name: z.string(), role: z.string(), password: z.string() })),
  token: z.string(),
});
const processes = z.object({ console: z.number(), controlUrl: z.string() });

export const passwordOf = (role: Role): string => {
  const user = credentials.parse(readJson("demo.json")).users.find((one) => one.role === role);
  if (!user) throw new Error(`the demo has no ${role}`);
  return user.password;
};
export const adminToken = (): string => credentials.parse(readJson("demo.json")).token;
/** Process id of the console now; another after each restart. */
export const consolePid = (): number => processes.parse(readJson("demo-processes.json")).console;

const baseUrl = (): string => process.env.ICHOR_E2E_URL ?? "";

/** Calls the API as the demo's admin token, or with another one. */
export async function api(
  pathName: string,
  init: RequestInit = {},
  token = adminToken(),
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${baseUrl()}/api/v1/${pathName}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
  });
  return { status: response.status, body: await response.json() };
}

export async function nodeByName(name: string): Promise<NodeView> {
  const { body } = await api("nodes");
  const node = z
    .object({ data: z.array(nodeView) })
    .parse(body)
    .data.find((one) => one.name === name);
  if (!node) throw new Error(`the demo has no node ${name}`);
  return node;
}

/** Talks to the simulator's control API, as someone with a hand on the machines. */
export async function control(method: "GET" | "POST" | "DELETE", pathName: string, body?: unknown): Promise<unknown> {
  const { controlUrl } = processes.parse(readJson("demo-processes.json"));
  const response = await fetch(`${controlUrl}${pathName}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${pathName}: ${response.status} ${await response.text()}`);
  const text = await response.text();
  return text ? JSON.parse(text) : null;
}
