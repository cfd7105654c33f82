import fs from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { parseSettings, settingNames } from "./env";
import { AppError } from "./errors";

const refusal = (source: NodeJS.Dict<string>): AppError => {
  try {
    parseSettings(source);
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error("the settings were taken");
};

describe("settings", () => {
  test("nothing set: this machine only, in the user's data directory", () => {
    expect(parseSettings({ HOME: "/home/ada" })).toMatchObject({
      port: 3000,
      host: "127.0.0.1",
      publicUrl: "http://127.0.0.1:3000",
      dataDir: expect.stringMatching(/^\/home\/ada\/.*ichor$/) as string,
      factoryUrl: "https://factory.talos.dev",
      nodeNetworks: [],
    });
  });

  test("an empty value counts as not set", () => {
    expect(parseSettings({ PORT: "", ICHOR_URL: " ", ICHOR_KEY: "" })).toMatchObject({ port: 3000, key: null });
  });

  test.each([
    ["PORT", "0"],
    ["PORT", "eighty"],
    ["HOST", "not a host"],
    ["ICHOR_URL", "ichor.example.org"],
    ["ICHOR_URL", "https://ichor.example.org/console"],
    ["ICHOR_FACTORY_URL", "ftp://factory"],
    ["ICHOR_FACTORY_URL", "https://user:canary@factory"],
    ["ICHOR_KEY", "canary"],
    ["ICHOR_NODE_NETWORKS", "10.0.0.0/8, 300.1.1.1/8"],
    ["ICHOR_LOG_LEVEL", "loud"],
    ["ICHOR_AUDIT_DAYS", "29"],
    ["ICHOR_AUDIT_DAYS", "ever"],
    ["ICHOR_AUDIT_OTLP_URL", "collector:4318"],
    ["ICHOR_AUDIT_OTLP_HEADERS", "canary"],
    ["ICHOR_AUDIT_OTLP_HEADERS", "a=canary,b"],
    ["ICHOR_AUDIT_OTLP_HEADERS", "a=canary%"],
    ["ICHOR_AUDIT_OTLP_HEADERS", "a=canary%0d%0ab:c"],
    ["ICHOR_AUDIT_OTLP_HEADERS", "a=canary%ff"],
    ["ICHOR_AUDIT_OTLP_HEADERS", "a b=canary"],
  ])("a bad %s is refused by its name and what is expected, not its value (%s)", (name, value) => {
    const error = refusal({ [name]: value });
    expect(error.message).toMatch(new RegExp(`^${name} must be .+\\.$`));
    expect(error.message).not.toContain("canary");
  });

  test("every bad setting is told at once", () => {
    expect(Object.keys(refusal({ PORT: "x", ICHOR_LOG_LEVEL: "loud" }).fields ?? {})).toEqual([
      "PORT",
      "ICHOR_LOG_LEVEL",
    ]);
  });

  test("the audit log is kept for ever and sent nowhere, unless it is said", () => {
    expect(parseSettings({ ICHOR_AUDIT_OTLP_HEADERS: "a=b" })).toMatchObject({ auditDays: null, auditOtlp: null });
    expect(
      parseSettings({
        ICHOR_AUDIT_DAYS: "365",
        ICHOR_AUDIT_OTLP_URL: "https://collector.example/v1/logs",
        ICHOR_AUDIT_OTLP_HEADERS: "authorization=Bearer%20abc=,x-tenant=ichor",
      }),
    ).toMatchObject({
      auditDays: 365,
      auditOtlp: {
        url: "https://collector.example/v1/logs",
        headers: { authorization: "Bearer abc=", "x-tenant": "ichor" },
      },
    });
  });

  test("networks are a list; several addresses share one public URL", () => {
    expect(parseSettings({ ICHOR_NODE_NETWORKS: "10.0.0.0/8, fd00::/8", HOST: "0.0.0.0", PORT: "80" })).toMatchObject({
      nodeNetworks: ["10.0.0.0/8", "fd00::/8"],
      publicUrl: "http://localhost:80",
    });
  });

  test(".env.example documents every setting and no other, and its values are good", () => {
    const text = fs.readFileSync(path.join(process.cwd(), ".env.example"), "utf8");
    const documented = [...text.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(
      ([, name = "", value = ""]) => [name, value] as const,
    );
    expect(documented.map(([name]) => name).sort()).toEqual([...settingNames].sort());
    expect(() => parseSettings(Object.fromEntries(documented))).not.toThrow();
  });
});
