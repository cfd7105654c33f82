import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { keyBytes, newDataKey, parseMasterKey, seal, unseal, unwrapDataKey } from "./secret-box";

const masterKey = randomBytes(keyBytes);
const { key } = newDataKey(masterKey, "secret_1");
const place = { table: "ClusterSecret", rowId: "row_1", field: "sealed" };

describe("secret box", () => {
  test("opens what it sealed, and never seals the same way twice", () => {
    expect(unseal(seal("the CA key, ü", key, place), key, place)).toBe("the CA key, ü");
    expect(seal("same", key, place)).not.toBe(seal("same", key, place));
  });

  test.each([
    ["another row", { ...place, rowId: "row_2" }],
    ["another field", { ...place, field: "other" }],
    ["another table", { ...place, table: "NodeConfig" }],
    ["names that join to the same text", { table: "ClusterSecret,row_1", rowId: "", field: "sealed" }],
  ])("a value moved to %s does not open", (_, elsewhere) => {
    expect(() => unseal(seal("x", key, place), key, elsewhere)).toThrow("could not be opened");
  });

  test("any flipped bit is noticed, and the failure does not quote the text", () => {
    const bytes = Buffer.from(seal("canary", key, place), "base64");
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(() => unseal(changed.toString("base64"), key, place)).toThrow(/^(?!.*canary).*$/s);
    }
    expect(() => unseal("AAAA", key, place)).toThrow("could not be opened");
  });

  test("a data key opens only with its master key and under its own id", () => {
    const made = newDataKey(masterKey, "secret_2");
    expect(unwrapDataKey(made.wrapped, masterKey, "secret_2")).toEqual(made.key);
    expect(() => unwrapDataKey(made.wrapped, randomBytes(keyBytes), "secret_2")).toThrow();
    expect(() => unwrapDataKey(made.wrapped, masterKey, "secret_3")).toThrow();
  });

  test("reads a master key from hex or base64 and nothing else", () => {
    expect(parseMasterKey(`${masterKey.toString("hex")}\n`)).toEqual(masterKey);
    expect(parseMasterKey(masterKey.toString("base64"))).toEqual(masterKey);
    expect(parseMasterKey("hunter2")).toBeNull();
    expect(parseMasterKey(randomBytes(31).toString("base64"))).toBeNull();
  });
});
