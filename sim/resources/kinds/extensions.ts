import * as extensions from "@/lib/talos/gen/resource/definitions/extensions";
import { ImageFactorySchematicSpec } from "@/lib/talos/gen/resource/definitions/runtime";
import { defineKind } from "../kind";
import { omitEmpty } from "../omit-empty";

export const extensionStatuses = defineKind({
  type: "ExtensionStatuses.runtime.talos.dev",
  namespace: "runtime",
  owner: "runtime.ExtensionStatusController",
  message: extensions.Layer,
  yaml: ({ image, metadata }) => ({
    image,
    metadata: {
      name: metadata?.name ?? "",
      version: metadata?.version ?? "",
      author: metadata?.author ?? "",
      description: metadata?.description ?? "",
      compatibility: { talos: { version: metadata?.compatibility?.talos?.version ?? "" } },
      extraInfo: omitEmpty(metadata?.extraInfo ?? ""),
    },
  }),
});

export const imageFactorySchematics = defineKind({
  type: "ImageFactorySchematics.runtime.talos.dev",
  namespace: "runtime",
  owner: "runtime.ImageFactorySchematicController",
  since: "1.14.0",
  message: ImageFactorySchematicSpec,
  yaml: ({ schematicId, flavor, apiurl }) => ({ schematicId, flavor, apiUrl: apiurl }),
});
