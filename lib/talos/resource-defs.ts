import * as cluster from "@/lib/talos/resource-cluster";
import * as hardware from "@/lib/talos/resource-hardware";
import * as runtime from "@/lib/talos/resource-runtime";

/** Every resource type that Ichor reads, by name. Fields are those of Talos' `api/resource/definitions`. */
export const resourceDefs = { ...runtime, ...hardware, ...cluster } as const;
export type ResourceName = keyof typeof resourceDefs;
