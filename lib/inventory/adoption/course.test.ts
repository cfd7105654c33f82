import { describe, expect, test } from "vitest";
import { advanceCourse, beginCourse, type AdoptionCourse, type CourseFacts } from "./course";
import { adoptionSteps, type StepsInput } from "./steps";

const facts = (changes: Partial<CourseFacts> = {}): CourseFacts => ({
  stage: "booting",
  ready: false,
  bootId: "live",
  platform: "metal",
  unattendedInstall: null,
  ...changes,
});
const install = (phase: NonNullable<CourseFacts["unattendedInstall"]>["phase"], error = "") => ({
  unattendedInstall: { phase, image: "factory.talos.dev/metal-installer/abc:v1.14.1", error },
});
const after = (begun: AdoptionCourse, ...readings: Partial<CourseFacts>[]): AdoptionCourse =>
  readings.reduce((course, reading, index) => advanceCourse(course, facts(reading), 100 + index), begun);

const input = (course: AdoptionCourse, changes: Partial<StepsInput> = {}): StepsInput => ({
  course,
  stage: "booting",
  reachability: { state: "reachable", sinceMs: 0 },
  platform: "metal",
  proofs: [],
  unmetConditions: [],
  services: [],
  runningSchematicId: null,
  recordedSchematicId: null,
  unattendedInstall: null,
  ...changes,
});
const states = (steps: ReturnType<typeof adoptionSteps>) => steps.map(({ id, state }) => `${id} ${state}`);
const detailOf = (steps: ReturnType<typeof adoptionSteps>) => steps.find(({ state }) => state !== "done")?.detail;

describe("since 1.14, where the installation is done beside the boot", () => {
  const begun = beginCourse(1, "live");

  test("each step is seen in its turn", () => {
    expect(states(adoptionSteps(input(after(begun, { stage: "maintenance" }))))).toEqual([
      "config done",
      "install now",
      "reboot waiting",
      "join waiting",
      "proof waiting",
    ]);
    const installing = adoptionSteps(input(after(begun, install("installing")), install("installing")));
    expect(detailOf(installing)).toContain("metal-installer/abc");
    const waits = after(begun, install("installing"), install("waiting-for-reboot"));
    expect(states(adoptionSteps(input(waits)))).toContain("reboot now");
    const booted = after(waits, { stage: "rebooting" }, { bootId: "disk", ...install("installed") });
    expect(states(adoptionSteps(input(booted)))).toContain("join now");
    const joined = after(booted, { stage: "running", ready: true, bootId: "disk" });
    expect(states(adoptionSteps(input(joined)))).toEqual(
      ["config", "install", "reboot", "join", "proof"].map((id) => `${id} done`),
    );
  });

  test.each(["failed", "pending"] as const)("an installation that is %s with an error says why", (phase) => {
    const failing = install(phase, "no disk matched the selector");
    const steps = adoptionSteps(input(after(begun, failing), failing));
    expect(states(steps)).toEqual(["config done", "install failed", "reboot waiting", "join waiting", "proof waiting"]);
    expect(detailOf(steps)).toBe("no disk matched the selector");
  });

  test("a failure stays in sight while Talos tries the same image again, and goes with another image or a success", () => {
    const again = after(begun, install("failed", "pull failed"), install("installing"));
    const steps = adoptionSteps(input(again, install("installing")));
    expect(states(steps)).toContain("install failed");
    expect(detailOf(steps)).toBe("pull failed");
    const other = { unattendedInstall: { ...install("installing").unattendedInstall, image: "other:v1.14.1" } };
    expect(states(adoptionSteps(input(after(again, other), other)))).toContain("install now");
    expect(states(adoptionSteps(input(after(again, install("waiting-for-reboot")))))).toContain("install done");
  });

  test("a moment of running in the boot that installs is not yet joined", () => {
    const course = after(begun, install("installing"), { stage: "running", ready: true, ...install("installing") });
    expect(course.joinedAtMs).toBeNull();
  });

  test("what has joined stays so", () => {
    const joined = after(begun, { bootId: "disk" }, { stage: "running", ready: true, bootId: "disk" });
    expect(after(joined, { stage: "booting", bootId: "third" })).toBe(joined);
  });
});

test("up to 1.13 the stage tells of the installation, and no boot ID of the reboot", () => {
  const begun = beginCourse(1, null);
  const installed = after(begun, { stage: "installing", bootId: null }, { stage: "rebooting", bootId: null });
  expect(installed).toMatchObject({ installedAtMs: 101, rebootedAtMs: null });
  expect(after(installed, { stage: "booting", bootId: null })).toMatchObject({ rebootedAtMs: 100, joinedAtMs: null });
});

test("a machine that had Talos on its disk joins without an installation", () => {
  const joined = after(beginCourse(1, "live"), { stage: "running", ready: true });
  expect(joined.joinedAtMs).toBe(100);
  expect(states(adoptionSteps(input(joined)))).toContain("reboot done");
});

test("in a container there is nothing to install or to reboot", () => {
  expect(states(adoptionSteps(input(beginCourse(1, null), { platform: "container" })))).toEqual([
    "config done",
    "join now",
    "proof waiting",
  ]);
});

test("what it waits for is told: a restart, etcd, a condition", () => {
  const booted = after(beginCourse(1, "live"), { bootId: "disk" });
  const away: StepsInput["reachability"] = { state: "unreachable", sinceMs: 0, reason: "", kind: "", lastSeenMs: 0 };
  const etcd = { id: "etcd", state: "Preparing", healthy: null, lastMessage: "Running pre state", lastChangeMs: null };
  const unmetConditions = [{ name: "network", reason: "no address" }];
  expect(detailOf(adoptionSteps(input(booted, { reachability: away })))).toContain("does not answer");
  expect(detailOf(adoptionSteps(input(booted, { services: [etcd], unmetConditions })))).toContain("bootstrap");
  expect(detailOf(adoptionSteps(input(booted, { unmetConditions })))).toBe("network: no address");
});

test("proven is what was read: schematic and GPUs", () => {
  const joined = after(beginCourse(1, "live"), { bootId: "disk" }, { stage: "running", ready: true, bootId: "disk" });
  const other = { runningSchematicId: "a", recordedSchematicId: "b" };
  expect(states(adoptionSteps(input(joined, other)))).toContain("proof failed");
  const proof = (state: "broken" | "unproven" | "no-profile" | "working", why: string | null = null) =>
    ({
      state,
      why,
      pciAddress: "0000:01:00.0",
      links: [],
      firstBroken: null,
      brief: null,
      evidence: [],
      remedy: null,
    }) as const;
  const told = (...proofs: ReturnType<typeof proof>[]) =>
    states(adoptionSteps(input(joined, { proofs: proofs.map((one) => ({ ...one, links: [], evidence: [] })) }))).at(-1);
  expect(told(proof("working"), proof("broken", "No driver."))).toBe("proof failed");
  expect(told(proof("working"), proof("unproven"))).toBe("proof now");
  expect(told(proof("working"), proof("no-profile"))).toBe("proof done");
});
