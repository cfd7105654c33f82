import type { MetaKeySpec } from "@/lib/talos/gen/resource/definitions/runtime";
import { metaKeys } from "../resources/kinds/runtime";
import type { SpecInput } from "../resources/kind";
import type { SimNode } from "./node";

/** A key as its resource is called: `0x0a`. */
const idOf = (key: number): string => `0x${key.toString(16).padStart(2, "0")}`;

/** What the META partition holds. */
export function publishMetaKeys({ resources, disk }: SimNode): void {
  const specs = [...disk.meta].map(([key, value]): [string, SpecInput<MetaKeySpec>] => [idOf(key), { value }]);
  resources.replace(metaKeys, new Map(specs));
}

export function writeMeta(node: SimNode, key: number, value: string): void {
  node.disk.meta = new Map([...node.disk.meta, [key, value]]);
  publishMetaKeys(node);
  node.world.nodeChanged(node);
}

/** Says whether there was one. */
export function deleteMeta(node: SimNode, key: number): boolean {
  const found = node.disk.meta.has(key);
  node.disk.meta = new Map([...node.disk.meta].filter(([known]) => known !== key));
  publishMetaKeys(node);
  node.world.nodeChanged(node);
  return found;
}
