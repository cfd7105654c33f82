import { describe, expect, test } from "vitest";
import { gpuFromIds } from "@/lib/gpu/detect";
import { builtInProfile } from "@/lib/gpu/profiles";
import { resolveProfiles } from "@/lib/gpu/resolve";
import { canonicalSchematic, schematicId } from "./canonical";
import { composeSchematic, nodeImageOptions, recomposeSchematic } from "./compose";
import { diffSchematics } from "./diff";
import { parseSchematic } from "./document";

const resolved = (profileId: string, ids: string) => {
  const profile = builtInProfile(profileId);
  const gpu = gpuFromIds(ids);
  if (!profile || !gpu) throw new Error("no such profile or GPU");
  const result = resolveProfiles({ profiles: [profile], talosVersion: "1.14", arch: "amd64", gpus: [gpu] });
  if (!result.ok) throw new Error(result.refusals[0]?.message);
  return result;
};

describe("composeSchematic", () => {
  test.each([
    ["nvidia-open-production", "10de:2684", "6698d6f136c5bb37ca8bb8482c9084305084da0a5ead1f4dcae760796f8ab3a2"],
    ["nvidia-open-lts", "10de:2684", "86a5d7c9beb23b4aea2777e44ca06c8c2ceea8a874ccd2b9a6743c4f734329e0"],
    ["nvidia-proprietary-production", "10de:2684", "26124abcbd408be693df9fe852c80ef1e6cc178e34d7d7d8430a28d1130b4227"],
    ["nvidia-proprietary-lts", "10de:1b06", "af8eb82417d3deaa94d2ef19c3b590b0dac1b2549d0b9b35b3da2bc325de75f7"],
    ["amd", "1002:744c", "9c1d1b442d73f96dcd04e81463eb20000ab014062d22e1b083e1773336bc1dd5"],
    ["amd-strix-halo", "1002:1586", "83a2c609dceb19b3e389ed943d7ed5afff51e49216f22ed8a27f300999076b09"],
    ["intel-i915", "8086:a780", "4b3cd373a192c8469e859b7a0cfbed3ecc3577c4a2d346a37b0aeff9cd17cdb0"],
    ["intel-xe", "8086:e20b", "9af96a9f08c57db8ac2d17a46e02c0bec464809ff843758a83ec3818522021fa"],
    ["none", "10de:2684", "376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba"],
  ])("%s has the factory's ID", (profileId, ids, id) => {
    expect(schematicId(composeSchematic({ resolved: resolved(profileId, ids) }))).toBe(id);
  });

  test("extensions are sorted, arguments keep their order, nothing repeats", () => {
    const document = composeSchematic({
      resolved: { extensions: ["siderolabs/xe", "siderolabs/amdgpu"], kernelArgs: ["b=1", "a=1"] },
      options: nodeImageOptions.parse({
        extraExtensions: ["siderolabs/iscsi-tools", "siderolabs/xe"],
        extraKernelArgs: ["a=2", "b=1"],
        meta: [
          { key: 12, value: "z" },
          { key: 10, value: "a" },
        ],
        overlay: { name: "rpi_generic", image: "siderolabs/sbc-raspberrypi" },
        secureboot: { includeWellKnownCertificates: true },
        bootloader: "sd-boot",
      }),
    });
    expect(document.customization?.systemExtensions?.officialExtensions).toEqual([
      "siderolabs/amdgpu",
      "siderolabs/iscsi-tools",
      "siderolabs/xe",
    ]);
    expect(document.customization?.extraKernelArgs).toEqual(["b=1", "a=1", "a=2"]);
    expect(document.customization?.meta?.map(({ key }) => key)).toEqual([10, 12]);
    expect(canonicalSchematic(document)).toMatch(/^overlay:\n {4}image: siderolabs\/sbc-raspberrypi\n/);
  });

  test("options that could smuggle a second argument or another file are refused", () => {
    for (const bad of ["a b", "a\nb", ""])
      expect(nodeImageOptions.safeParse({ extraKernelArgs: [bad] }).success).toBe(false);
    for (const bad of ["gvisor", "siderolabs/../x", "siderolabs/a b"]) {
      expect(nodeImageOptions.safeParse({ extraExtensions: [bad] }).success).toBe(false);
    }
  });
});

describe("recomposeSchematic", () => {
  test("replaces the GPU parts and keeps what others put there", () => {
    const running = parseSchematic(`
overlay: {name: rpi_generic, image: siderolabs/sbc-raspberrypi}
customization:
  extraKernelArgs: [net.ifnames=0, amd_iommu=off]
  meta: [{key: 10, value: foo}]
  systemExtensions: {officialExtensions: [siderolabs/tailscale, siderolabs/amdgpu, siderolabs/amd-ucode]}
  bootloader: grub
`);
    const after = recomposeSchematic(
      running,
      { extensions: ["siderolabs/amdgpu", "siderolabs/amd-ucode"], kernelArgs: ["amd_iommu=off"] },
      resolved("nvidia-proprietary-lts", "10de:1b06"),
    );
    expect(after.customization?.systemExtensions?.officialExtensions).toEqual([
      "siderolabs/nonfree-kmod-nvidia-lts",
      "siderolabs/nvidia-container-toolkit-lts",
      "siderolabs/tailscale",
    ]);
    expect(after.customization?.extraKernelArgs).toEqual(["net.ifnames=0"]);
    expect(after.customization?.meta).toEqual([{ key: 10, value: "foo" }]);
    expect(after.customization?.bootloader).toBe("grub");
    expect(after.overlay?.name).toBe("rpi_generic");
  });

  test("an argument that others need twice stays twice, in its place", () => {
    const huge = ["hugepagesz=1G", "hugepages=16", "hugepagesz=2M", "hugepages=16"];
    const none = { extensions: [], kernelArgs: [] };
    const strix = resolved("amd-strix-halo", "1002:1586");
    const after = recomposeSchematic({ customization: { extraKernelArgs: huge } }, none, strix);
    expect(after.customization?.extraKernelArgs).toEqual([...strix.kernelArgs, ...huge]);
  });

  test("what has all parts already keeps its ID, whatever their order", () => {
    const amd = resolved("amd", "1002:744c");
    const extensions = ["siderolabs/tailscale", ...amd.extensions.toReversed()];
    const running = { customization: { systemExtensions: { officialExtensions: extensions } } };
    expect(schematicId(recomposeSchematic(running, amd, amd))).toBe(schematicId(running));
  });

  test("nothing is left when nothing is needed", () => {
    const running = composeSchematic({ resolved: resolved("amd-strix-halo", "1002:1586") });
    const after = recomposeSchematic(running, resolved("amd-strix-halo", "1002:1586"), {
      extensions: [],
      kernelArgs: [],
    });
    expect(canonicalSchematic(after)).toBe("customization: {}\n");
  });
});

describe("diffSchematics", () => {
  const from = composeSchematic({ resolved: resolved("nvidia-open-production", "10de:2684") });
  const to = composeSchematic({ resolved: resolved("nvidia-proprietary-lts", "10de:1b06") });

  test("says it in words and in lines", () => {
    const diff = diffSchematics(from, to);
    expect(diff.sentence).toBe(
      "The new image adds nonfree-kmod-nvidia-lts, nvidia-container-toolkit-lts; drops nvidia-container-toolkit-production, nvidia-open-gpu-kernel-modules-production.",
    );
    expect(diff.lines.filter(({ kind }) => kind === "removed").map(({ text }) => text.trim())).toEqual([
      "- siderolabs/nvidia-container-toolkit-production",
      "- siderolabs/nvidia-open-gpu-kernel-modules-production",
    ]);
    const rebuilt = diff.lines.filter(({ kind }) => kind !== "removed").map(({ text }) => text);
    expect(`${rebuilt.join("\n")}\n`).toBe(canonicalSchematic(to));
  });

  test("equal documents, other settings, and mere order", () => {
    expect(diffSchematics(from, from)).toMatchObject({ sentence: "Nothing changes.", extensionsAdded: [] });
    expect(diffSchematics({}, { owner: "alice" }).sentence).toContain("other settings");
    const args = (...extraKernelArgs: string[]) => ({ customization: { extraKernelArgs } });
    expect(diffSchematics(args("a", "b"), args("b", "a")).sentence).toContain("order");
    expect(diffSchematics(args("quiet"), args("nomodeset", "talos.config=http://x/c4n4ry")).sentence).toBe(
      "The new image adds the kernel arguments nomodeset talos.config=(withheld); drops the kernel arguments quiet.",
    );
  });
});
