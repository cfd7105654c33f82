import { afterEach, expect, test, vi } from "vitest";
import { readSettings } from "./settings.mjs";

afterEach(() => vi.unstubAllEnvs());

test("data is kept in the user's data directory, or where it is said", () => {
  vi.stubEnv("XDG_DATA_HOME", "");
  vi.stubEnv("ICHOR_DATA_DIR", "");
  vi.stubEnv("HOME", "/home/someone");
  if (process.platform === "linux") expect(readSettings("ichor").dataDir).toBe("/home/someone/.local/share/ichor");
  vi.stubEnv("ICHOR_DATA_DIR", "/srv/ichor");
  expect(readSettings("ichor").dataDir).toBe("/srv/ichor");
});

test("a user without a home is told so; nothing is kept in the directory that happens to be the present one", () => {
  vi.stubEnv("XDG_DATA_HOME", "data");
  vi.stubEnv("ICHOR_DATA_DIR", "");
  vi.stubEnv("HOME", "");
  expect(() => readSettings("ichor")).toThrow("set ICHOR_DATA_DIR");
  vi.stubEnv("XDG_DATA_HOME", "/data");
  expect(readSettings("ichor").dataDir).toBe("/data/ichor");
});
