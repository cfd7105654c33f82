import "server-only";
import type { z } from "zod";
import * as auditKeeping from "@/lib/audit-keeping/operations";
import * as backup from "@/lib/backup/operations";
import * as boot from "@/lib/boot/operations";
import * as gpu from "@/lib/gpu/operations";
import * as inventory from "@/lib/inventory/operations";
import * as machineConfig from "@/lib/machine-config/operations";
import * as factors from "@/lib/people/factor-operations";
import * as people from "@/lib/people/operations";
import * as schematic from "@/lib/schematic/operations";
import * as upgrades from "@/lib/upgrades/operations";
import type { AnyOperation } from "@/lib/operation/run-operation";

/** Everything that people and scripts can do, by domain. What is not here cannot be called. */
const domains = {
  backup,
  auditKeeping,
  boot,
  factors,
  gpu,
  inventory,
  machineConfig,
  people,
  schematic,
  upgrades,
} as const;

type OperationsOf<D> = D[keyof D] extends infer O ? (O extends AnyOperation ? O : never) : never;
export type AppOperation = { [D in keyof typeof domains]: OperationsOf<(typeof domains)[D]> }[keyof typeof domains];
export type OperationName = AppOperation["name"];
type Named<N extends OperationName> = Extract<AppOperation, { name: N }>;
export type InputOf<N extends OperationName> = z.input<Named<N>["input"]>;
export type OutputOf<N extends OperationName> = z.output<Named<N>["output"]>;

const isOperation = (value: unknown): value is AnyOperation =>
  typeof value === "object" && value !== null && Reflect.get(value, "defined") === true;

/** All operations, by name. */
export const operations: readonly AnyOperation[] = Object.values(domains)
  .flatMap((domain) => Object.values(domain).filter(isOperation))
  .sort((left, right) => left.name.localeCompare(right.name, "en"));

const byName = new Map(operations.map((operation) => [operation.name, operation]));

export const findOperation = (name: string): AnyOperation | undefined => byName.get(name);
