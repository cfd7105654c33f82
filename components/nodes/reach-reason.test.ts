import { expect, test } from "vitest";
import { reachReason } from "./reach-reason";

test("a table tells the reason, not the address again nor the system's name for it", () => {
  const away = (why: string) => reachReason(`10.4.0.26:50000 cannot be reached: ${why}.`);
  expect(away("connect ECONNREFUSED 10.4.0.26:50000")).toBe("connection refused");
  expect(away("nobody answered within 5 s")).toBe("nobody answered within 5 s");
  expect(reachReason("The certificate of 10.4.0.26 has expired.")).toBe("The certificate of 10.4.0.26 has expired.");
});
