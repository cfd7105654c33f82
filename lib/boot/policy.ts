import "server-only";
import type { Ctx } from "@/lib/auth/ctx";
import { db } from "@/lib/db/client";
import { type UnknownMachinePolicy, unknownMachinePolicies } from "./schema";

const name = "boot.unknown-machines";

/** What machines get over the network boot that nobody registered. */
export async function unknownMachinePolicy(): Promise<UnknownMachinePolicy> {
  const row = await db.setting.findUnique({ where: { name } });
  return unknownMachinePolicies.find((policy) => policy === row?.value) ?? "explain";
}

/** Changes it. */
export async function setUnknownMachinePolicy(_ctx: Ctx<"admin">, policy: UnknownMachinePolicy): Promise<void> {
  await db.setting.upsert({ where: { name }, create: { name, value: policy }, update: { value: policy } });
}
