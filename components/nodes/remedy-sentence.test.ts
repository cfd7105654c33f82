import { expect, test } from "vitest";
import { remedySentence } from "./remedy-sentence";

test("a remedy does not repeat the name of its button", () => {
  expect(remedySentence("Assign nvidia-open-lts: a new schematic, then one upgrade with a reboot.")).toBe(
    "A new schematic, then one upgrade with a reboot.",
  );
  expect(remedySentence("Reboot the node.")).toBe("Reboot the node.");
});
