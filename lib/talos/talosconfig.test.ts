import { beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { AppError } from "@/lib/core/errors";
import { decodePem, encodePem, toNodeKeyPem, toTalosKeyPem } from "@/lib/talos/pem";
import { parseTalosconfig, talosContext, writeTalosconfig } from "@/lib/talos/talosconfig";
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

describe("what never could work is refused before anything is dialled", () => {
  const refusal = (text: string): string => {
    try {
      talosContext(text);
    } catch (error) {
      if (error instanceof AppError && error.code === "invalid-input") return error.message;
      throw error;
    }
    throw new Error("it was accepted");
  };

  it("a certificate whose usage is not clients alone", async () => {
    const with_ = async (usages: string[]) => {
      const { certPem, keyPem } = await mintClient(authority, { roles: ["os:admin"], usages });
      return document({ crt: encodePem(certPem), key: encodePem(keyPem) });
    };
    const clientAuth = "1.3.6.1.5.5.7.3.2";
    const serverAuth = "1.3.6.1.5.5.7.3.1";
    expect(talosContext(await with_([clientAuth])).name).toBe("home");
    for (const usages of [[], [serverAuth], ["1.3.6.1.5.5.7.3.4"]])
      expect(refusal(await with_(usages))).toBe(
        "Context “home”: the certificate in crt is not made for clients: its usage lacks client authentication, which Talos enforces since 1.12.",
      );
    expect(refusal(await with_([clientAuth, serverAuth]))).toContain(
      "made for more than clients (server authentication)",
    );
    // One that is held since long may still work where an old release runs.
    expect(parseTalosconfig(await with_([])).contexts).toHaveLength(1);
  });

  it("the CA in place of the client certificate", () => {
    expect(refusal(document({ crt: encodePem(authority.pem) }))).toBe(
      "Context “home”: crt holds the CA itself in place of a client certificate.",
    );
  });

  it("an address of Kubernetes, or one that was never filled in", () => {
    expect(refusal(document({ endpoints: ["10.5.0.2", "https://192.0.2.10:6443"] }))).toContain(
      "the endpoint “https://192.0.2.10:6443” is the address of the Kubernetes API (port 6443)",
    );
    expect(refusal(document({ nodes: ["10.5.0.2:6443"] }))).toContain("the node “10.5.0.2:6443” is the address");
    expect(refusal(document({ endpoints: ["${CP_IP}"] }))).toContain("a variable was not filled in (${CP_IP})");
  });

  it("a field that another tool should have filled in", () => {
    expect(refusal(document({ key: "op://talos/admin/key" }))).toBe(
      "Context “home”: key: a secret reference was not resolved (op://…).",
    );
    expect(refusal(document({ crt: "ENC[AES256_GCM,data:abc,iv:a,tag:b,type:str]" }))).toContain("still encrypted");
    expect(refusal("context: home\ncontexts:\n  home:\n    endpoints: [{{ ip }}]\n")).toBe(
      "The talosconfig is a template: line 4 holds template marks ({{ … }}); render it first.",
    );
  });

  it("another file, by its name", () => {
    expect(refusal("apiVersion: v1\nkind: Config\nclusters: []\nusers: []\ncontexts: []\n")).toBe(
      "This is a kubeconfig, not a talosconfig.",
    );
    expect(refusal(`${document()}sops:\n  mac: a\n`)).toContain("encrypted with SOPS");
    expect(refusal("<!DOCTYPE html>")).toBe("This is an HTML page, not a talosconfig.");
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
