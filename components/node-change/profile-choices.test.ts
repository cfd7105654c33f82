import { expect, test } from "vitest";
import type { NodeView } from "@/lib/inventory/schema";
import { firstChoice, fittingProfiles } from "./profile-choices";

const intent = { profileIds: ["amd"] } as NodeView["intent"];
const suggestion = { profileId: "nvidia", profileIds: ["nvidia", "intel"], reason: "" };

test("a choice begins with what the broken cards ask for, else what is recorded, else the suggestion for all cards", () => {
  expect(firstChoice({ assignment: ["intel", "amd"], intent, suggestion })).toEqual(["intel", "amd"]);
  expect(firstChoice({ assignment: [], intent, suggestion })).toEqual(["amd"]);
  expect(firstChoice({ assignment: [], intent: { ...intent, profileIds: [] }, suggestion })).toEqual([
    "nvidia",
    "intel",
  ]);
});

test("only profiles for the vendors of its cards are offered, and whatever is chosen", () => {
  const gpus = [{ vendor: "nvidia" }, { vendor: "intel" }] as NodeView["gpus"];
  const profiles = ["nvidia", "amd", "intel", "none"].map((id) => ({ id, name: id, vendor: id }));
  expect(fittingProfiles({ gpus }, profiles, []).map(({ id }) => id)).toEqual(["nvidia", "intel"]);
  expect(fittingProfiles({ gpus }, profiles, ["none"]).map(({ id }) => id)).toEqual(["nvidia", "intel", "none"]);
});
