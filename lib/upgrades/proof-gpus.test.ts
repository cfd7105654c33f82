import { describe, expect, test } from "vitest";
import type { CardComparison, LinkChange, LinkComparison } from "@/lib/gpu/chain-schema";
import { allocatableVerdict, countVerdict, linkVerdict, moduleVerdict } from "./proof-gpus";

type Link = Partial<LinkComparison> & Pick<LinkComparison, "id">;
const proven = (evidence: string) => ({ state: "proven" as const, evidence });
const link = ({ id, ...rest }: Link): LinkComparison => ({
  ...{ id, title: id, change: "none", before: null, after: null, detail: "" },
  ...rest,
});
const card = (pciAddress: string, links: Link[], model = "Arc A770"): CardComparison => ({
  ...{ pciAddress, vendor: "intel", model, lines: [], remedy: null },
  links: links.map(link),
});
const of = (change: LinkChange, detail = `${change}.`) => ({ id: "driver" as const, change, detail });

describe("one link over all cards of a node", () => {
  test.each<[string, CardComparison[], string, string]>([
    [
      "lost by two cards of a model is one sentence",
      [card("01", [of("lost")]), card("02", [of("lost")])],
      "refused",
      "Arc A770 (01, 02): lost.",
    ],
    [
      "lost by cards of two models names both",
      [card("01", [of("lost")]), card("02", [of("lost")], "XT")],
      "refused",
      "Arc A770 (01); XT (02): lost.",
    ],
    [
      "lost in two ways is two sentences",
      [card("01", [of("lost", "a.")]), card("02", [of("lost", "b.")])],
      "refused",
      "Arc A770 (01): a. Arc A770 (02): b.",
    ],
    ["that cannot be read now is not proven", [card("01", [of("unread")])], "refused", "Arc A770 (01): unread."],
    [
      "that the new driver does not bring is refused",
      [card("01", [of("not-brought")])],
      "refused",
      "Arc A770 (01): not-brought.",
    ],
    [
      "lost by one is not made good by another",
      [card("01", [of("gained")]), card("02", [of("lost")])],
      "refused",
      "Arc A770 (02): lost.",
    ],
    [
      "that never held is said, and what is better after it",
      [card("01", [of("gained")]), card("02", [of("still-broken")])],
      "warning",
      "Arc A770 (02): still-broken. Arc A770 (01): gained.",
    ],
    ["given up on purpose is said", [card("01", [of("given-up")])], "warning", "Arc A770 (01): given-up."],
    ["that is better is well", [card("01", [of("gained")])], "ok", "Better than before. Arc A770 (01): gained."],
    [
      "that is better on two cards of two kinds is well",
      [card("01", [of("gained")]), card("02", [of("gained", "too.")])],
      "ok",
      "Better than before. Arc A770 (01): gained. Arc A770 (02): too.",
    ],
    [
      "that was not read, and is not now",
      [card("01", [{ id: "driver", after: { state: "unknown", evidence: "No word" } }])],
      "warning",
      "No word, as before.",
    ],
    [
      "that is as before is told once",
      ["01", "02"].map((at) => card(at, [{ id: "driver", change: "kept", after: proven("xe") }])),
      "ok",
      "As before: xe.",
    ],
    [
      "that is as before on cards that differ",
      ["xe", "i915"].map((name) => card(name, [{ id: "driver", change: "kept", after: proven(name) }])),
      "ok",
      "As before: xe; i915.",
    ],
    [
      "that nobody asks for",
      [card("01", [{ id: "driver", after: { state: "not-applicable", evidence: "x" } }])],
      "ok",
      "Nothing to prove.",
    ],
    [
      "another one's loss is not its own",
      [card("01", [{ id: "modules", change: "lost", detail: "x", after: proven("y") }])],
      "ok",
      "Nothing to prove.",
    ],
    ["of no card", [], "ok", "Nothing to prove."],
  ])("%s", (_, cards, state, detail) => expect(linkVerdict(cards, "driver")).toEqual({ state, detail }));
});

describe("the modules of a node's cards", () => {
  const bare = [card("01", [])];
  test.each<[string, CardComparison[], readonly string[] | null, string, string]>([
    ["are none's where there is no card", [], null, "ok", "It has no GPU that needs one."],
    [
      "are what their link says",
      [card("01", [{ id: "modules", change: "lost", detail: "gone." }])],
      [],
      "refused",
      "Arc A770 (01): gone.",
    ],
    ["of an image that nobody knows", bare, null, "warning", "Which driver is part of the image is not known."],
    ["of an image without a driver", bare, ["siderolabs/i915-ucode-x"], "ok", "No driver is part of the image."],
    [
      "of an image with drivers for other cards",
      bare,
      ["siderolabs/amdgpu", "siderolabs/xe"],
      "ok",
      "The image has amdgpu, xe, which is for none of its cards.",
    ],
  ])("%s", (_, cards, image, state, detail) => expect(moduleVerdict(cards, image)).toEqual({ state, detail }));
});

describe("the cards on the bus", () => {
  const pci = (before: boolean, after: boolean | "broken") => ({
    id: "pci" as const,
    before: before ? proven("b") : null,
    after: after === "broken" ? { state: "broken" as const, evidence: "x" } : after ? proven("a") : null,
  });
  const both = pci(true, true);
  test.each<[string, CardComparison[], string, string]>([
    [
      "are all there",
      [card("01", [both]), card("02", [both]), card("03", [both], "XT")],
      "ok",
      "On the bus, as before: 2 Arc A770, 1 XT.",
    ],
    [
      "are fewer",
      [card("01", [both]), card("02", [pci(true, "broken")])],
      "refused",
      "On the PCI bus: 1 of 2 Arc A770. Missing: 02.",
    ],
    [
      "are fewer where nothing was read of one now",
      [card("01", [both]), card("02", [pci(true, false)])],
      "refused",
      "On the PCI bus: 1 of 2 Arc A770. Missing: 02.",
    ],
    [
      "are fewer of two models",
      [card("01", [pci(true, "broken")]), card("02", [pci(true, "broken")], "XT"), card("03", [both], "RX")],
      "refused",
      "On the PCI bus: 0 of 1 Arc A770, 0 of 1 XT. Missing: 01, 02.",
    ],
    [
      "are more",
      [card("01", [both]), card("02", [pci(false, true)]), card("03", [both], "XT")],
      "ok",
      "On the bus, more than before: 2 Arc A770, 1 XT.",
    ],
    ["were not read before", [card("01", [pci(false, true)])], "ok", "On the bus: 1 Arc A770."],
    ["are none", [], "ok", "It has none."],
    ["are none, and there was none", [card("01", [pci(false, "broken")])], "ok", "It has none."],
    [
      "are told by no other link",
      [card("01", [{ id: "driver", before: proven("b"), after: proven("a") }])],
      "ok",
      "It has none.",
    ],
  ])("%s", (_, cards, state, detail) => expect(countVerdict(cards)).toEqual({ state, detail }));
});

describe("what Kubernetes offers", () => {
  const [nvidia, amd] = [["siderolabs/nvidia-open-gpu-kernel-modules-lts"], ["siderolabs/amdgpu"]];
  const same = { before: nvidia, after: nvidia };
  type Counts = Record<string, number> | null;
  test.each<[string, Counts, Counts, Parameters<typeof allocatableVerdict>[3], string, string]>([
    ["is as before", { "nvidia.com/gpu": 2 }, { "nvidia.com/gpu": 2 }, same, "ok", "nvidia.com/gpu: 2."],
    ["is more", { "nvidia.com/gpu": 1 }, { "nvidia.com/gpu": 2, x: 1 }, same, "ok", "nvidia.com/gpu: 2, x: 1."],
    [
      "is fewer",
      { "nvidia.com/gpu": 2, x: 1 },
      { "nvidia.com/gpu": 1 },
      same,
      "refused",
      "nvidia.com/gpu: 1 of 2, x: 0 of 1.",
    ],
    ["is unknown where there was none", {}, null, same, "warning", "why."],
    ["is unknown where none was counted", { x: 0 }, null, same, "warning", "why."],
    ["is unknown where nothing was read before", null, null, same, "warning", "why."],
    ["is unknown where there was some", { a: 1, b: 2, c: 0 }, null, same, "refused", "a: 1, b: 2 before; now why."],
    ["is none, as before", null, {}, same, "ok", "None, as before."],
    [
      "is under another name with another driver",
      { "nvidia.com/gpu": 1 },
      { "amd.com/gpu": 1 },
      { before: nvidia, after: amd },
      "ok",
      "amd.com/gpu: 1.",
    ],
    [
      "is gone where the image's extensions are not known",
      { "nvidia.com/gpu": 1 },
      {},
      { before: nvidia, after: null },
      "refused",
      "nvidia.com/gpu: 0 of 1.",
    ],
    [
      "is gone where the former image is not known",
      { "nvidia.com/gpu": 1 },
      {},
      { before: null, after: amd },
      "refused",
      "nvidia.com/gpu: 0 of 1.",
    ],
    [
      "is gone though another driver was replaced",
      { x: 1 },
      {},
      { before: nvidia, after: amd },
      "refused",
      "x: 0 of 1.",
    ],
  ])("%s", (_, before, now, image, state, detail) =>
    expect(allocatableVerdict(before, now, "why.", image)).toEqual({ state, detail }),
  );
});
