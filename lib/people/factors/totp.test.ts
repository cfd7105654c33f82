import { describe, expect, test } from "vitest";
import { newTotpSecret, qrCode, stepOfCode, totpCode, totpInvitation } from "./totp";

const stepMs = 30_000;
// RFC 6238, appendix B: the SHA-1 secret "12345678901234567890", cut to six digits.
const rfcSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

describe("codes of an authenticator app", () => {
  test.each([
    [59, "287082"],
    [1_111_111_109, "081804"],
    [1_234_567_890, "005924"],
    [20_000_000_000, "353130"],
  ])("are those of RFC 6238 at %d s", (seconds, code) => {
    expect(totpCode(rfcSecret, seconds * 1000)).toBe(code);
    expect(stepOfCode(rfcSecret, code, { nowMs: seconds * 1000, lastStep: 0 })).toBe(Math.floor(seconds / 30));
  });

  test("a clock may be one step off and no more", () => {
    const nowMs = 1000 * stepMs + 500;
    const at = (steps: number) =>
      stepOfCode(rfcSecret, totpCode(rfcSecret, nowMs + steps * stepMs), { nowMs, lastStep: 0 });
    expect([-2, -1, 0, 1, 2].map(at)).toEqual([null, 999, 1000, 1001, null]);
  });

  test("a step that was taken is taken no more, nor an older one", () => {
    const nowMs = 1000 * stepMs;
    const code = totpCode(rfcSecret, nowMs);
    expect(stepOfCode(rfcSecret, code, { nowMs, lastStep: 999 })).toBe(1000);
    expect(stepOfCode(rfcSecret, code, { nowMs, lastStep: 1000 })).toBeNull();
    expect(stepOfCode(rfcSecret, code, { nowMs, lastStep: 1001 })).toBeNull();
  });

  test.each(["", "12345", "1234567", "12345x", "１２３４５６", "-12345", "1e5000"])("%j is none", (code) => {
    expect(stepOfCode(rfcSecret, code, { nowMs: 0, lastStep: -5 })).toBeNull();
  });

  test("spaces in it do not matter", () => {
    expect(stepOfCode(rfcSecret, " 287 082 ", { nowMs: 59_000, lastStep: 0 })).toBe(1);
  });
});

test("a secret is 160 bits, and the invitation shows it in groups and as a QR code", () => {
  const secret = newTotpSecret();
  expect(secret).toMatch(/^[A-Z2-7]{32}$/);
  const { secret: shown, qr } = totpInvitation(secret, "ada");
  expect(shown.replaceAll(" ", "")).toBe(secret);
  expect(qr.size).toBeGreaterThan(20);
  expect(qr.path).toMatch(/^(M\d+ \d+h1v1h-1z)+$/);
  expect(qrCode("a").path).not.toBe(qrCode("b").path);
});
