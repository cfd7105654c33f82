import { describe, expect, test } from "vitest";
import { parseKubeconfig } from "./kubeconfig";

const pem = (label: string) =>
  Buffer.from(`-----BEGIN ${label}-----\nAA==\n-----END ${label}-----\n`).toString("base64");
const config = (over: { cluster?: object; user?: object; current?: string } = {}) =>
  JSON.stringify({
    "current-context": over.current ?? "admin@one",
    contexts: [{ name: "admin@one", context: { cluster: "one", user: "admin" } }],
    clusters: [
      {
        name: "one",
        cluster: over.cluster ?? { server: "https://127.0.0.1:6443", "certificate-authority-data": pem("CERTIFICATE") },
      },
    ],
    users: [
      {
        name: "admin",
        user: over.user ?? { "client-certificate-data": pem("CERTIFICATE"), "client-key-data": pem("EC PRIVATE KEY") },
      },
    ],
  });

describe("parseKubeconfig", () => {
  test("reads the inline credentials of the current context", () => {
    expect(parseKubeconfig(config())).toMatchObject({
      server: "https://127.0.0.1:6443",
      token: null,
      keyPem: expect.stringContaining("EC PRIVATE KEY"),
    });
  });

  test.each([
    [
      "an exec helper",
      config({ user: { exec: { command: "sh", args: ["-c", "true"] } } }),
      /neither a client certificate/,
    ],
    ["certificates in files", config({ user: { "client-certificate": "/a", "client-key": "/b" } }), /neither a client/],
    [
      "no pinned authority",
      config({ cluster: { server: "https://127.0.0.1", "insecure-skip-tls-verify": true } }),
      /clusters\.0/,
    ],
    [
      "plain HTTP",
      config({ cluster: { server: "http://127.0.0.1", "certificate-authority-data": pem("CERTIFICATE") } }),
      /HTTPS/,
    ],
    ["a list for a document", "- 1", /malformed|no contexts/],
    ["broken YAML", "a: [", /not valid YAML/],
  ])("refuses %s", (_, text, why) => {
    expect(() => parseKubeconfig(text)).toThrow(why);
  });
});
