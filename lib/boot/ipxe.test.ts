import { describe, expect, test } from "vitest";
import { cachedAssetPath, chainCommand, ipxeScript, secretInSchematic } from "./ipxe";
import { mediaLinks } from "./media";
import { bootRequest } from "./schema";

const schematicId = "376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba";

describe("ipxeScript", () => {
  test("goes on to the factory", () => {
    expect(ipxeScript({ kind: "chain", url: "https://pxe.example/pxe/a" })).toBe(
      "#!ipxe\n\nchain --replace --autofree https://pxe.example/pxe/a\n",
    );
    expect(() => ipxeScript({ kind: "chain", url: "https://a\nboot" })).toThrowError(/white space/);
  });

  test("loads from us, with the factory's command line on one line", () => {
    const boot = {
      ichorUrl: "http://10.0.0.5:3000/",
      schematicId,
      talosVersion: "v1.14.0",
      arch: "amd64",
      cmdline: "talos.platform=metal\nboot\tconsole=tty0 \n",
    } as const;
    expect(ipxeScript({ kind: "cached", boot })).toBe(
      [
        "#!ipxe",
        "",
        "imgfree",
        `kernel http://10.0.0.5:3000/api/boot/assets/${schematicId}/v1.14.0/kernel-amd64 initrd=initramfs-amd64.xz talos.platform=metal boot console=tty0`,
        `initrd http://10.0.0.5:3000/api/boot/assets/${schematicId}/v1.14.0/initramfs-amd64.xz`,
        "boot",
        "",
      ].join("\n"),
    );
  });

  test("explains on the machine's screen, and cannot be made to say commands", () => {
    const script = ipxeScript({ kind: "explain", sentences: ["Not registered.\nsanboot ${evil}", "é"] });
    expect(script).toBe("#!ipxe\n\necho Not registered. sanboot {evil}\necho  \nsleep 30\nexit 1\n");
  });

  test("waits and comes again", () => {
    const script = ipxeScript({ kind: "wait", sentence: "Soon.", retryUrl: "http://a/b?c=d", waitSeconds: 10 });
    expect(script.split("\n").slice(2, 5)).toEqual(["echo Soon.", "sleep 10", "chain --replace http://a/b?c=d"]);
  });

  test("the command to chain to us, and paths of cached files", () => {
    expect(chainCommand("http://10.0.0.5:3000/")).toBe(
      "chain --replace http://10.0.0.5:3000/api/boot/ipxe?uuid=${uuid}&mac=${net0/mac:hexhyp}&arch=${buildarch}",
    );
    expect(() => cachedAssetPath("../..", "v1.14.0", "kernel-amd64")).toThrowError(/64 hex/);
  });
});

test.each([
  [{ embeddedMachineConfiguration: "version: v1alpha1" }, true],
  [{ extraKernelArgs: ["talos.config.inline=abc"] }, true],
  [{ extraKernelArgs: ["siderolink.api=grpc://omni?jointoken=abc"] }, true],
  [{ extraKernelArgs: ["my.password=abc"] }, true],
  [{ extraKernelArgs: ["talos.config=https://me:pw@cp/config"] }, true],
  [{ extraKernelArgs: ["talos.environment=https_proxy=http://me:pw@proxy:3128"] }, true],
  [{ extraKernelArgs: ["net.ifnames=0", "talos.config=https://cp/config?uuid="] }, false],
  [{}, false],
])("a schematic with %j holds a secret: %s", (customization, expected) => {
  expect(secretInSchematic({ customization }) !== null).toBe(expected);
});

test("what a machine tells of itself is read or counts as not told", () => {
  const read = (uuid: string, mac: string, arch: string) => bootRequest.parse({ uuid, mac, arch });
  expect(read("4C4C4544-0051-3610-8052-B4C04F4B4D32", "AA-BB-cc-00-11-22", "x86_64")).toEqual({
    uuid: "4c4c4544-0051-3610-8052-b4c04f4b4d32",
    mac: "aa:bb:cc:00:11:22",
    arch: "amd64",
  });
  expect(read("' OR 1=1 --", '"', "arm64")).toEqual({ uuid: null, mac: null, arch: "arm64" });
  expect(read("", "aabbcc001122", "riscv")).toEqual({ uuid: null, mac: "aa:bb:cc:00:11:22", arch: "amd64" });
});

describe("mediaLinks", () => {
  const target = {
    factoryUrl: "https://factory.talos.dev",
    schematicId,
    talosVersion: "v1.14.0",
    arch: "amd64",
  } as const;

  test("every way to boot and install, with the file's name", () => {
    const links = mediaLinks({ ...target, ichorUrl: "http://10.0.0.5:3000" });
    expect(links.map(({ id }) => id)).toEqual([
      "iso",
      "secureboot-iso",
      "disk-image",
      "qcow2",
      "uki",
      "secureboot-uki",
      "kernel",
      "initramfs",
      "cmdline",
      "pxe",
      "secureboot-pxe",
      "installer",
      "installer-secureboot",
      "ipxe-script",
      "ipxe-chain",
    ]);
    expect(links.find(({ id }) => id === "disk-image")).toMatchObject({
      kind: "download",
      fileName: "metal-amd64.raw.zst",
    });
    expect(links.find(({ id }) => id === "installer")?.value).toBe(
      `factory.talos.dev/metal-installer/${schematicId}:v1.14.0`,
    );
  });

  test("no scripts of ours without our address", () => {
    expect(mediaLinks(target).some(({ id }) => id.startsWith("ipxe"))).toBe(false);
  });
});
