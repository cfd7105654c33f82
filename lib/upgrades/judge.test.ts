import { describe, expect, test } from "vitest";
import { judgeNode } from "./judge";

const plain = null;
const factory = "a".repeat(64);
const wanted = "b".repeat(64);
const row = (fromVersion: string, toVersion: string, fromSchematicId: string | null, installBootId: string | null) => ({
  fromVersion,
  toVersion,
  fromSchematicId,
  toSchematicId: wanted,
  installBootId,
});
const reading = (version: string, schematicId: string | null, bootId: string) => ({ version, schematicId, bootId });

describe("judgeNode", () => {
  test("an image without a schematic is not the target of a run that only changes the image", () => {
    const assign = row("v1.13.4", "v1.13.4", plain, null);
    expect(judgeNode(assign, reading("v1.13.4", plain, "boot-1"))).toBe("untouched");
    expect(judgeNode(assign, reading("v1.13.4", wanted, "boot-1"))).toBe("already-there");
    const installed = { ...assign, installBootId: "boot-1" };
    expect(judgeNode(installed, reading("v1.13.4", plain, "boot-1"))).toBe("same-boot");
    expect(judgeNode(installed, reading("v1.13.4", wanted, "boot-2"))).toBe("returned");
    expect(judgeNode(installed, reading("v1.13.4", plain, "boot-2"))).toBe("rolled-back");
  });

  test("where the version changes it tells, even of an image that does not name its schematic", () => {
    const upgrade = row("v1.13.4", "v1.14.0", factory, "boot-1");
    expect(judgeNode(upgrade, reading("v1.14.0", plain, "boot-2"))).toBe("returned");
    expect(judgeNode(upgrade, reading("v1.13.4", plain, "boot-2"))).toBe("rolled-back");
    expect(judgeNode(upgrade, reading("v1.14.0", factory, "boot-2"))).toBe("rolled-back");
  });
});
