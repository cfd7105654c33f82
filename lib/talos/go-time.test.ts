import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Timestamp } from "@/lib/talos/gen/google/protobuf/timestamp";
import { ServiceInfo } from "@/lib/talos/gen/machine/services";
import { decodeMetadata } from "@/lib/talos/resource-decode";
import { goTimeMs } from "@/lib/talos/go-time";

const zero = new Date("0001-01-01T00:00:00Z");

describe("a time that Go wrote", () => {
  it.each([
    ["Go's zero time", zero],
    ["Go's zero time in another zone", new Date("0001-01-01T00:00:00+01:00")],
    ["an empty timestamp", new Date(0)],
    ["no timestamp", undefined],
    ["what is no time at all", new Date(Number.NaN)],
  ])("is not there: %s", (_what, time) => {
    expect(goTimeMs(time)).toBeNull();
  });

  it("is a time, however wrong the node's clock was", () => {
    expect(goTimeMs(new Date("2026-11-30T12:00:00Z"))).toBe(Date.UTC(2026, 10, 30, 12));
    expect(goTimeMs(new Date("1970-01-01T00:00:05Z"))).toBe(5000);
  });

  it("is read so from the wire, with its negative seconds", () => {
    const bytes = Timestamp.encode({ seconds: -62135596800n, nanos: 0 }).finish();
    expect(Timestamp.decode(bytes).seconds).toBe(-62135596800n);
    const health = { unknown: true, healthy: false, lastMessage: "", lastChange: zero };
    const wire = ServiceInfo.encode({ id: "etcd", state: "Preparing", health, events: undefined }).finish();
    expect(goTimeMs(ServiceInfo.decode(wire).health?.lastChange)).toBeNull();
  });

  it("has no other door into lib/talos: every timestamp of the API passes here", () => {
    const files = readdirSync("lib/talos").filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
    const others = files.filter(
      (name) => name !== "go-time.ts" && readFileSync(join("lib/talos", name), "utf8").includes(".getTime()"),
    );
    expect(others).toEqual([]);
  });

  it("stands in a resource's metadata as nothing", () => {
    const metadata = { namespace: "", type: "", id: "", version: "", owner: "", phase: "", finalizers: [] };
    expect(decodeMetadata({ ...metadata, created: zero, updated: zero, labels: {}, annotations: {} })).toMatchObject({
      createdMs: null,
      updatedMs: null,
    });
  });
});
