import { ResourceDefinitionSpec_Sensitivity as Sensitivity } from "@/lib/talos/gen/cosi/resource/meta";
import { namespacesOf } from "../resources/catalogue";
import { definitionsOf, isSensitive } from "../resources/definitions";
import { namespaces, resourceDefinitions } from "../resources/kinds/meta";
import type { SimNode } from "./node";

/** The namespaces and types of the release, once somebody asks: `talosctl get` finds every type by them. */
export function publishMeta({ resources, running: { release } }: SimNode): void {
  for (const [id, description] of namespacesOf(release)) resources.put(namespaces, id, { description });
  for (const definition of definitionsOf(release))
    resources.put(resourceDefinitions, definition.type.toLowerCase(), {
      resourceType: definition.type,
      displayType: definition.displayType,
      defaultNamespace: definition.namespace,
      aliases: [...definition.aliases],
      allAliases: [...definition.allAliases],
      printColumns: definition.columns.map((column) => ({ ...column })),
      sensitivity: isSensitive(definition, release) ? Sensitivity.SENSITIVE : Sensitivity.NON_SENSITIVE,
    });
}
