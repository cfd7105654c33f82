import { expect, test } from "vitest";
import { fieldError, isShownByField } from "./field-errors";

const error = { fields: { "cluster.podSubnets.1": "Not a network.", "cluster.name": "Taken." } };

test("the error of an item is the field's", () => {
  expect(fieldError(error, "cluster.podSubnets")).toBe("Not a network.");
  expect(fieldError(error, "cluster.name")).toBe("Taken.");
  expect(fieldError(error, "cluster.nam")).toBeNull();
  expect(fieldError(null, "cluster.name")).toBeNull();
});

test("an error that no field of a form shows is not lost", () => {
  expect(isShownByField(error, ["cluster.endpoint", "cluster.name"])).toBe(true);
  expect(isShownByField(error, ["cluster.endpoint"])).toBe(false);
  expect(isShownByField({}, ["cluster.name"])).toBe(false);
});
