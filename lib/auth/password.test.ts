import { expect, test, vi } from "vitest";
import { hashPassword, verifyPassword } from "./password";

/** Verifications that wait until they are told to go on, in the order in which they began. */
const gate = vi.hoisted(() => ({ begun: [] as { password: string; go: () => void }[], held: false }));
vi.mock("@node-rs/argon2", () => ({
  hash: () => Promise.resolve("hash"),
  verify: (_hash: string, password: string) =>
    gate.held
      ? new Promise((resolve) => gate.begun.push({ password, go: () => resolve(true) }))
      : Promise.resolve(true),
}));

const tick = () => new Promise((resolve) => setImmediate(resolve));

async function finishAll(): Promise<string[]> {
  const order: string[] = [];
  for (let next = gate.begun.shift(); next; next = gate.begun.shift()) {
    order.push(next.password);
    next.go();
    await tick();
  }
  return order;
}

test("a flood from strangers holds up neither known browsers, nor sessions, nor other addresses", async () => {
  gate.held = true;
  const settled = (place: { address: string } | { own: string }, password: string) =>
    verifyPassword("hash", password, place).then(
      () => "checked",
      (error: Error) => error.message,
    );
  // From one address, and from one /64 of IPv6: a hundred each.
  const flood = Array.from({ length: 100 }, (_, at) => [
    settled({ address: "10.0.0.66" }, "flood"),
    settled({ address: `2001:db8::${at + 1}` }, "flood"),
  ]).flat();
  await tick();
  const others = [
    settled({ own: "a known browser" }, "known"),
    settled({ address: "10.0.0.1" }, "ada"),
    settled({ address: "10.0.0.2" }, "bob"),
  ];
  await tick();
  // Whoever is known does not even wait.
  expect(gate.begun.map(({ password }) => password)).toEqual(["flood", "known"]);
  const order = await finishAll();
  expect(order.indexOf("ada")).toBeLessThan(5);
  expect(order.indexOf("bob")).toBeLessThan(6);
  expect(await Promise.all(others)).toEqual(["checked", "checked", "checked"]);
  const answers = await Promise.all(flood);
  const refused = answers.filter((answer) => answer !== "checked");
  expect(refused.length).toBeGreaterThan(180);
  expect(new Set(refused)).toEqual(new Set(["Too many people are signing in at this moment. Try again in 2\u00a0s."]));
  gate.held = false;
});

test("many addresses at once cannot keep a known browser out", async () => {
  gate.held = true;
  const flood = Array.from({ length: 200 }, (_, at) =>
    verifyPassword("hash", "flood", { address: `10.1.${at}.1` }).catch(() => "refused"),
  );
  await tick();
  const known = verifyPassword("hash", "known", { own: "browser" });
  await tick();
  expect(gate.begun.map(({ password }) => password)).toContain("known");
  await finishAll();
  expect(await known).toBe(true);
  expect((await Promise.all(flood)).filter((answer) => answer === "refused").length).toBeGreaterThan(150);
  gate.held = false;
});

test("a new password is made, and where there is no account nothing is right", async () => {
  expect(await hashPassword("correct horse battery")).toBe("hash");
  expect(await verifyPassword(null, "x", { address: "10.0.0.1" })).toBe(false);
});
