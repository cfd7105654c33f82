import { afterAll, beforeAll, beforeEach, vi } from "vitest";
import { actorOfSession } from "@/lib/auth/session";
import type { testBrowser } from "./browser-testing";
import { forgetDocument } from "./discovery";
import { startTestProvider, type TestProvider } from "./provider-testing";

/** Nothing listens there: the test's browser reaches the console in the process. */
const publicUrl = "http://localhost:4440";

/**
 * A console with a real provider beside it, for all tests of a file. Before each of them the provider is what it was, with one
 * person, `ada`, and no claims of hers.
 * @param settings beside those that lead to the provider.
 */
export function setUpTestConsole(settings: Record<string, string>) {
  let provider: TestProvider;
  beforeAll(async () => {
    provider = await startTestProvider(`${publicUrl}/api/auth/callback/oidc`);
  });
  beforeEach(() => {
    const wanted = {
      NEXTAUTH_URL: publicUrl,
      ICHOR_URL: publicUrl,
      ICHOR_LOG_LEVEL: "error",
      ICHOR_OIDC_ISSUER: provider.issuer,
      ICHOR_OIDC_CLIENT_ID: "ichor",
      ICHOR_OIDC_CLIENT_SECRET: "test-secret",
      ...settings,
    };
    for (const [name, value] of Object.entries(wanted)) vi.stubEnv(name, value);
    provider.tamper = {};
    provider.people = new Map([["ada", {}]]);
    provider.asked.length = 0;
    forgetDocument();
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await provider.close();
  });
  return {
    publicUrl,
    /** The sign-in page with a refusal. */
    page: (error: string) => `${publicUrl}/sign-in?error=${error}`,
    provider: () => provider,
    /** Who the browser's session stands for now; null for nobody. */
    sessionOf: (browser: ReturnType<typeof testBrowser>) => {
      const secret = browser.cookies.get(new URL(publicUrl).host)?.get("ichor.session");
      return secret === undefined ? null : actorOfSession(secret, Date.now(), { use: false });
    },
  };
}
