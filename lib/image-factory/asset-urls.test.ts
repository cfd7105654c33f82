import { describe, expect, test } from "vitest";
import { assetIds, assetUrl, installerImage, parseInstallerImage, pxeUrlOf, releaseTag } from "./asset-urls";

const schematicId = "376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba";
const target = { factoryUrl: "https://factory.talos.dev", schematicId, talosVersion: "1.14.0", arch: "amd64" } as const;

describe("assetUrl", () => {
  test.each([
    ["iso", "image", "metal-amd64.iso"],
    ["secureboot-iso", "image", "metal-amd64-secureboot.iso"],
    ["disk-image", "image", "metal-amd64.raw.zst"],
    ["qcow2", "image", "metal-amd64.qcow2"],
    ["uki", "image", "metal-amd64-uki.efi"],
    ["secureboot-uki", "image", "metal-amd64-secureboot-uki.efi"],
    ["kernel", "image", "kernel-amd64"],
    ["initramfs", "image", "initramfs-amd64.xz"],
    ["cmdline", "image", "cmdline-metal-amd64"],
  ] as const)("%s", (asset, kind, file) => {
    expect(assetUrl(asset, target)).toBe(`https://factory.talos.dev/${kind}/${schematicId}/v1.14.0/${file}`);
  });

  test("PXE scripts come from the public factory's PXE host, or from the factory itself", () => {
    expect(assetUrl("pxe", target)).toBe(`https://pxe.factory.talos.dev/pxe/${schematicId}/v1.14.0/metal-amd64`);
    expect(assetUrl("secureboot-pxe", { ...target, factoryUrl: "http://127.0.0.1:8080/", arch: "arm64" })).toBe(
      `http://127.0.0.1:8080/pxe/${schematicId}/v1.14.0/metal-arm64-secureboot`,
    );
    expect(assetUrl("pxe", { ...target, pxeUrl: "http://pxe.lan/" })).toMatch(/^http:\/\/pxe\.lan\/pxe\//);
    expect(pxeUrlOf("https://factory.talos.dev/")).toBe("https://pxe.factory.talos.dev");
  });

  test("disk images were .xz before 1.8", () => {
    expect(assetUrl("disk-image", { ...target, talosVersion: "v1.7.6" })).toMatch(/\.raw\.xz$/);
  });

  test("nothing else gets into an address", () => {
    for (const asset of assetIds) {
      for (const bad of [
        { schematicId: "../x" },
        { schematicId: `${schematicId}\n` },
        { talosVersion: "1.14" },
        { talosVersion: "v1.14.0/../x" },
      ]) {
        expect(() => assetUrl(asset, { ...target, ...bad })).toThrowError(
          expect.objectContaining({ code: "invalid-input" }),
        );
      }
    }
    expect(releaseTag("v1.14.0-rc.1").tag).toBe("v1.14.0-rc.1");
  });
});

describe("installerImage", () => {
  test.each([
    ["v1.14.0", false, `factory.talos.dev/metal-installer/${schematicId}:v1.14.0`],
    ["1.10.0", true, `factory.talos.dev/metal-installer-secureboot/${schematicId}:v1.10.0`],
    ["v1.9.5", false, `factory.talos.dev/installer/${schematicId}:v1.9.5`],
    ["v1.9.5", true, `factory.talos.dev/installer-secureboot/${schematicId}:v1.9.5`],
  ])("%s, secure boot %s", (talosVersion, secureboot, image) => {
    expect(installerImage({ ...target, talosVersion, secureboot })).toBe(image);
    expect(parseInstallerImage(image)).toEqual({
      host: "factory.talos.dev",
      schematicId,
      tag: image.split(":")[1],
      secureboot,
    });
  });

  test("the platform is part of the image from 1.10 on, and of none before", () => {
    const on = (platform: string | null, more: { talosVersion?: string; secureboot?: boolean } = {}) =>
      installerImage({ ...target, platform, ...more });
    expect(on("nocloud")).toBe(`factory.talos.dev/nocloud-installer/${schematicId}:v1.14.0`);
    expect(on("digital-ocean", { secureboot: true })).toBe(
      `factory.talos.dev/digital-ocean-installer-secureboot/${schematicId}:v1.14.0`,
    );
    expect(on("vmware", { talosVersion: "v1.9.5" })).toBe(`factory.talos.dev/installer/${schematicId}:v1.9.5`);
    expect(on(null)).toBe(on("metal"));
    for (const platform of ["nocloud", "digital-ocean"])
      expect(parseInstallerImage(on(platform))).toMatchObject({ schematicId, secureboot: false });
    for (const platform of ["equinixMetal", "../x", "a/b", "x:y"])
      expect(() => on(platform)).toThrowError(expect.objectContaining({ code: "refused" }));
  });

  test("pinned by a digest, through a mirror, or on an address of IPv6", () => {
    const digest = `@sha256:${"b".repeat(64)}`;
    for (const host of [
      "harbor.lan/factory",
      "mirror.example:5000",
      "harbor.lan:5000/proxy/talos",
      "[fd00::1]:8080",
      "factory.talos.dev",
    ]) {
      const image = `${host}/metal-installer/${schematicId}:v1.14.0`;
      const expected = { host, schematicId, tag: "v1.14.0", secureboot: false };
      expect(parseInstallerImage(image)).toEqual(expected);
      expect(parseInstallerImage(image + digest)).toEqual(expected);
    }
    expect(parseInstallerImage(`factory.talos.dev/metal-installer/${schematicId}${digest}`)).toBeNull();
  });

  test("a factory on a port, and what is no factory image", () => {
    expect(installerImage({ ...target, factoryUrl: "http://127.0.0.1:8080" })).toBe(
      `127.0.0.1:8080/metal-installer/${schematicId}:v1.14.0`,
    );
    expect(parseInstallerImage("ghcr.io/siderolabs/installer:v1.9.0")).toBeNull();
    expect(parseInstallerImage("")).toBeNull();
    expect(() => installerImage({ ...target, factoryUrl: "nonsense" })).toThrowError(/not a URL/);
  });
});
