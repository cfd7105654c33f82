import { beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { AppError } from "@/lib/core/errors";
import { decodePem, encodePem, toNodeKeyPem, toTalosKeyPem } from "@/lib/talos/pem";
import { parseTalosconfig, writeTalosconfig } from "@/lib/talos/talosconfig";
import { credentialsOf, mintAuthority, mintClient, type Authority, type Identity } from "@/lib/talos/testing/pki";

let authority: Authority;
let admin: Identity;
type Fields = Record<string, unknown>;
const fields = (): Fields => ({
  endpoints: ["10.5.0.2", "10.5.0.3:50001"],
  nodes: ["10.5.0.4"],
  ca: encodePem(authority.pem),
  crt: encodePem(admin.certPem),
  key: encodePem(admin.keyPem),
});
const document = (change: Fields = {}, top: Fields = {}) =>
  stringify({ context: "home", contexts: { home: { ...fields(), ...change } }, ...top });

beforeAll(async () => {
  authority = await mintAuthority();
  admin = await mintClient(authority, { roles: ["os:admin", "os:reader"] });
});

/** The sentence that a talosconfig is refused with. */
function sentence(text: string, nowMs?: number): string {
  try {
    parseTalosconfig(text, nowMs);
  } catch (error) {
    if (error instanceof AppError && error.code === "invalid-input") return error.message;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("parseTalosconfig", () => {
  it("reads contexts, roles and dates", () => {
    const { context, contexts } = parseTalosconfig(document());
    expect(context).toBe("home");
    expect(contexts).toHaveLength(1);
    expect(contexts[0]).toMatchObject({
      name: "home",
      endpoints: ["10.5.0.2", "10.5.0.3:50001"],
      nodes: ["10.5.0.4"],
      credentials: { kind: "mtls", certPem: admin.certPem, keyPem: admin.keyPem },
      identity: { roles: ["os:admin", "os:reader"] },
    });
  });

  it("reads a certificate that names no role", async () => {
    const nobody = await mintClient(authority, { roles: [] });
    const { contexts } = parseTalosconfig(document({ crt: encodePem(nobody.certPem), key: encodePem(nobody.keyPem) }));
    expect(contexts[0]?.identity.roles).toEqual([]);
  });

  it("takes the first context when none is selected, and an https endpoint for port 443", () => {
    const { context, contexts } = parseTalosconfig(
      document({ endpoints: ["https://omni.example", "https://10.5.0.2:50000"] }, { context: "" }),
    );
    expect(context).toBe("home");
    expect(contexts[0]?.endpoints).toEqual(["omni.example:443", "10.5.0.2:50000"]);
  });

  it("says what is wrong with the document", () => {
    expect(sentence("")).toBe("The talosconfig is empty.");
    expect(sentence("context: [\n")).toMatch(/^The talosconfig is not valid YAML: line \d+ cannot be read\.$/);
    expect(sentence("hello")).toContain("This is not a talosconfig");
    expect(sentence("context: home\ncontexts: {}\n")).toBe("The talosconfig has no contexts.");
    expect(sentence(document({}, { context: "work" }))).toBe(
      "The talosconfig selects the context “work”, which is not among its contexts.",
    );
    expect(sentence(document({ endpoints: "10.5.0.2" }))).toBe(
      "The talosconfig has something unexpected at “contexts.home.endpoints”.",
    );
    expect(sentence(document({ endpoints: ["10.5.0.2:99999"] }))).toContain("the port is not a number from 1 to 65535");
    expect(sentence(`a: &a [x]\nb: &b [${"*a, ".repeat(30)}]\nc: [${"*b, ".repeat(30)}]\ncontexts: {}\n`)).toContain(
      "aliases",
    );
    expect(sentence("x".repeat(1024 * 1024 + 1))).toContain("larger than 1 MiB");
  });

  it("says which field is wrong, and never shows its value", async () => {
    expect(sentence(document({ crt: undefined }))).toBe("Context “home”: crt is missing.");
    expect(sentence(document({ crt: undefined, auth: { siderov1: { identity: "a@b" } } }))).toContain(
      "signs in through an Omni account",
    );
    expect(sentence(document({ ca: "not base64!" }))).toBe("Context “home”: ca is not valid base64.");
    expect(sentence(document({ key: encodePem("hello") }))).toBe(
      "Context “home”: key is base64, but holds no PEM block.",
    );
    expect(sentence(document({ crt: encodePem(admin.keyPem) }))).toBe("Context “home”: crt is not a certificate.");
    expect(sentence(document({ key: encodePem(admin.certPem) }))).toBe("Context “home”: key is not a private key.");
    const other = await mintClient(authority);
    expect(sentence(document({ key: encodePem(other.keyPem) }))).toBe(
      "Context “home”: key does not belong to the certificate in crt.",
    );
    const stranger = await mintAuthority();
    expect(sentence(document({ ca: encodePem(stranger.pem) }))).toContain("was not signed by the CA in ca");
  });

  it("says since when a certificate is expired, or until when it is not valid", () => {
    const nowMs = Date.now();
    expect(sentence(document(), nowMs + 30 * 24 * 3_600_000)).toMatch(
      /^Context “home”: the certificate expired on \d{4}-\d\d-\d\d \d\d:\d\d UTC\.$/,
    );
    expect(sentence(document(), nowMs - 30 * 24 * 3_600_000)).toMatch(
      /valid only from .* UTC; the clock here says .* UTC\.$/,
    );
  });
});

describe("writeTalosconfig", () => {
  it("writes what it reads, with Talos' key label", () => {
    const credentials = credentialsOf(authority, { ...admin, keyPem: toNodeKeyPem(admin.keyPem) });
    const text = writeTalosconfig([{ name: "home", endpoints: ["10.5.0.2"], nodes: ["10.5.0.2"], credentials }]);
    const { context, contexts } = parse(text) as { context: string; contexts: { home: { key: string } } };
    expect(context).toBe("home");
    expect(decodePem(contexts.home.key, "key")).toContain("-----BEGIN ED25519 PRIVATE KEY-----");
    expect(parseTalosconfig(text).contexts[0]).toMatchObject({
      endpoints: ["10.5.0.2"],
      credentials: { keyPem: toTalosKeyPem(credentials.keyPem) },
    });
  });

  it.each(["on", "1e3", "null", "0x1f", "two\nlines"])("reads a context called %j back as it was", (name) => {
    const text = writeTalosconfig([{ name, endpoints: [], credentials: credentialsOf(authority, admin) }]);
    expect(parseTalosconfig(text)).toMatchObject({ context: name, contexts: [{ name, endpoints: [], nodes: [] }] });
  });

  it("reads names that people wrote without quotes, and lists that are left open", () => {
    const [head = "", ...rest] = writeTalosconfig([
      { name: "lab", endpoints: [], credentials: credentialsOf(authority, admin) },
    ]).split("\n");
    expect(head).toBe("context: lab");
    const text = ["context: 2024", ...rest]
      .join("\n")
      .replace("    lab:", "    2024:")
      .replace("endpoints: []", "endpoints:");
    expect(parseTalosconfig(text)).toMatchObject({ context: "2024", contexts: [{ name: "2024", endpoints: [] }] });
  });
});
