import { expect, test } from "vitest";
import config from "@/next.config";
import { config as proxyConfig } from "@/proxy";
import { contentSecurityPolicy, securityHeaders } from "./security-headers";

test("TLS, once met, is kept for the host and what is below it; plain http says nothing of it", () => {
  expect(securityHeaders(true)["strict-transport-security"]).toBe("max-age=31536000; includeSubDomains");
  expect(securityHeaders(false)).not.toHaveProperty("strict-transport-security");
});

test("scripts run with the nonce of the answer alone, and nothing frames the page", () => {
  const policy = contentSecurityPolicy("abc", { development: false, secure: true });
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self' 'nonce-abc' 'strict-dynamic';");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain("unsafe-eval");
});

test("what the proxy passes over has headers of its own", async () => {
  // The matcher names what it leaves out.
  const passedOver = /\(\?!(.+?)\)/.exec(proxyConfig.matcher[0] ?? "")?.[1]?.split("|") ?? [];
  expect(passedOver.length).toBeGreaterThan(0);
  const rules = (await config.headers?.()) ?? [];
  for (const path of passedOver) {
    const rule = rules.find(({ source }) => source.startsWith(`/${path}`));
    expect(rule?.headers, path).toContainEqual({ key: "x-content-type-options", value: "nosniff" });
  }
});
