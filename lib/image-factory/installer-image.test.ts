import { expect, it } from "vitest";
import { isUnpublished, readInstallerImage } from "./installer-image";

const id = "9c1d1b442d73f96dcd04e81463eb20000ab014062d22e1b083e1773336bc1dd5";
const factory = { kind: "factory", schematicId: id, tag: "v1.14.0", secureboot: false, platform: "metal" };

it.each([
  [`factory.talos.dev/metal-installer/${id}:v1.14.0`, factory],
  [`factory.talos.dev/installer/${id}:v1.9.5`, { ...factory, tag: "v1.9.5", platform: null }],
  [
    `factory.talos.dev/nocloud-installer-secureboot/${id}:v1.14.0`,
    { ...factory, platform: "nocloud", secureboot: true },
  ],
  [`factory.talos.dev/installer-secureboot/${id}:v1.14.0`, { ...factory, platform: null, secureboot: true }],
  [`registry.lan:5000/mirror/metal-installer/${id}:v1.14.0@sha256:${id}`, factory],
  ["ghcr.io/siderolabs/installer:v1.13.9", { kind: "plain", tag: "v1.13.9" }],
  ["registry.lan/ghcr/siderolabs/installer:v1.13.9", { kind: "plain", tag: "v1.13.9" }],
  [`ghcr.io/siderolabs/installer:v1.13.9@sha256:${id}`, { kind: "plain", tag: "v1.13.9" }],
  ["ghcr.io/siderolabs/installer", { kind: "plain", tag: "latest" }],
  ["ghcr.io/me/talos-installer:v1.13.9", { kind: "other" }],
  ["ghcr.io/notsiderolabs/installer-base:v1.13.9", { kind: "other" }],
  ["", { kind: "other" }],
])("%s", (image, kind) => {
  expect(readInstallerImage(image)).toEqual(kind);
});

it.each([
  ["ghcr.io/siderolabs/installer:v1.13.9", false],
  ["ghcr.io/siderolabs/installer:v1.14.0", true],
  ["ghcr.io/siderolabs/installer:v1.15.0-alpha.1", true],
  [`factory.talos.dev/metal-installer/${id}:v1.14.0`, false],
])("is %s one that was never published: %s", (image, unpublished) => {
  expect(isUnpublished(readInstallerImage(image))).toBe(unpublished);
});
