import type { z } from "zod";

/** A COSI resource type that we read: where it lives and what its spec holds. */
export type ResourceDef<Spec> = {
  namespace: string;
  type: string;
  /** The only or usual id, for `get` without one. */
  id?: string;
  /** First Talos release that has it; older ones answer "unknown-resource". */
  since?: string;
  /** Only `os:admin` may read it. */
  sensitive?: boolean;
  /** The spec is the YAML text itself, not what it says. */
  raw?: boolean;
  /** What a node may send of it, where that is not the cap of all types (`nodeCaps`). */
  caps?: { ids?: number; specBytes?: number };
  spec: z.ZodType<Spec>;
};

/** The spec of a definition: `SpecOf<typeof resourceDefs.machineStatus>`. */
export type SpecOf<Def> = Def extends ResourceDef<infer Spec> ? Spec : never;

/** Types a definition by its schema. */
export const define = <Schema extends z.ZodType>(
  def: Omit<ResourceDef<z.output<Schema>>, "spec"> & { spec: Schema },
): ResourceDef<z.output<Schema>> => def as ResourceDef<z.output<Schema>>;
