import {
  NamespaceSpec,
  ResourceDefinitionSpec,
  ResourceDefinitionSpec_Sensitivity as Sensitivity,
} from "@/lib/talos/gen/cosi/resource/meta";
import { defineKind } from "../kind";

export const namespaces = defineKind({
  type: "Namespaces.meta.cosi.dev",
  namespace: "meta",
  owner: "meta",
  message: NamespaceSpec,
  yaml: ({ description }) => ({ description }),
});

export const resourceDefinitions = defineKind({
  type: "ResourceDefinitions.meta.cosi.dev",
  namespace: "meta",
  owner: "meta",
  message: ResourceDefinitionSpec,
  yaml: (spec) => ({
    type: spec.resourceType,
    displayType: spec.displayType,
    defaultNamespace: spec.defaultNamespace,
    aliases: spec.aliases,
    allAliases: spec.allAliases,
    printColumns: spec.printColumns.map(({ name, jsonPath }) => ({ name, jsonPath })),
    sensitivity: spec.sensitivity === Sensitivity.SENSITIVE ? "sensitive" : undefined,
  }),
});
