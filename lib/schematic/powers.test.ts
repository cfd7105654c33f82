import { describe, expect, test } from "vitest";
import { proveRole } from "@/lib/auth/ctx";
import { setUpTestDatabase } from "@/lib/db/testing";
import { ensureSchematic } from "./commands";
import type { SchematicDocument } from "./document";
import { powersOf } from "./powers";
import { isHarmless, shownSchematic, withoutValuesOf } from "./shown";
import { installTestFactory } from "./testing";

setUpTestDatabase();
const factory = installTestFactory();
const operator = proveRole({ kind: "user", id: "o", name: "olga", role: "operator" }, "operator");
const admin = proveRole({ kind: "user", id: "a", name: "ada", role: "admin" }, "admin");
const canary = "c4n4ry";

const dangerous: [string, SchematicDocument][] = [
  [
    "Kernel argument talos.experimental.wipe",
    { customization: { extraKernelArgs: ["talos.experimental.wipe=system"] } },
  ],
  ["Kernel argument init", { customization: { extraKernelArgs: [`init=/${canary}`] } }],
  ["META value 0xa", { customization: { meta: [{ key: 10, value: canary }] } }],
  ["Its embedded machine configuration", { customization: { embeddedMachineConfiguration: canary } }],
  ["Its overlay", { overlay: { image: "evil/overlay", name: canary } }],
  ["Its overlay", { overlay: { image: "siderolabs/sbc-raspberrypi", name: "rpi_generic", options: { a: canary } } }],
  ["Extension evil/x", { customization: { systemExtensions: { officialExtensions: ["evil/x"] } } }],
  ["secureboot.enrollKeys", { customization: { secureboot: { enrollKeys: "force" } } }],
];

describe("what only an administrator may put into an image", () => {
  test.each(dangerous)("%s", async (what, document) => {
    expect(powersOf(document).map((power) => power.what)).toEqual([what]);
    const refused = await ensureSchematic(operator, document, { factory: factory.client() }).catch(
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ code: "forbidden" });
    expect(String(refused)).toContain(what);
    expect(String(refused)).not.toContain(canary);
    expect((await ensureSchematic(admin, document, { factory: factory.client() })).registered).toBe(true);
  });

  test.each(dangerous)("%s stays where the node runs it already", (_what, document) => {
    expect(powersOf(document, document)).toEqual([]);
  });

  test("a board's overlay, official extensions and a GPU's arguments are an operator's", () => {
    expect(
      powersOf({
        overlay: { image: "siderolabs/sbc-raspberrypi", name: "rpi_generic" },
        customization: {
          extraKernelArgs: ["amd_iommu=off"],
          systemExtensions: { officialExtensions: ["siderolabs/amdgpu", "owner/siderolabs/xe"] },
          secureboot: { enrollKeys: "if-safe" },
        },
      }),
    ).toEqual([]);
  });
});

describe("what is shown of a schematic", () => {
  const places: SchematicDocument[] = [
    { owner: canary },
    {
      overlay: { image: canary, name: canary, options: { wifi: canary, deep: { password: [canary] }, pin: 4711 } },
    },
    { customization: { meta: [{ key: 10, value: `psk: ${canary}` }] } },
    { customization: { embeddedMachineConfiguration: canary } },
    { customization: { systemExtensions: { officialExtensions: [canary] } } },
    { customization: { secureboot: { enrollKeys: canary } } },
    ...[
      ["--token", canary],
      [`psk=${canary}`],
      [`passwd=${canary}`],
      [`talos.config=https://${canary}@x/`],
      [`talos.config=https://x/${canary}`],
      [`talos.config=https://x/config?token=${canary}`],
      [`console=ttyS0,${canary}`],
      [`talos.environment=https_proxy=http://u:${canary}@x`],
      [`wg.key=${canary}`],
      [canary],
    ].map((extraKernelArgs) => ({ customization: { extraKernelArgs } })),
  ];
  test.each(places.map((document) => [JSON.stringify(document), document] as const))("nothing of %s", (_, document) => {
    const { pin } = (document.overlay?.options ?? {}) as { pin?: number };
    expect(JSON.stringify(shownSchematic(document))).not.toContain(canary);
    if (pin !== undefined) expect(JSON.stringify(shownSchematic(document))).not.toContain("4711");
    // So nobody without a sign-in gets it either.
    expect(isHarmless(document)).toBe(false);
    expect(withoutValuesOf(document, `refused: ${canary} is not known`)).not.toContain(canary);
  });
});
