import { expect, test } from "vitest";
import { passkeyPlace } from "./passkey-place";

test.each([
  [
    "ichor.example.org",
    "https://ichor.example.org",
    { rpId: "ichor.example.org", origin: "https://ichor.example.org" },
  ],
  [
    "ICHOR.example.org",
    "https://ichor.example.org",
    { rpId: "ichor.example.org", origin: "https://ichor.example.org" },
  ],
  [
    "ichor.example.org:8443",
    "https://ichor.example.org:8443",
    { rpId: "ichor.example.org", origin: "https://ichor.example.org:8443" },
  ],
  ["localhost:3000", "http://127.0.0.1:3000", { rpId: "localhost", origin: "http://localhost:3000" }],
  ["localhost:3000", "https://localhost:3000", { rpId: "localhost", origin: "https://localhost:3000" }],
  // A name without TLS, addresses, other names, a port that is not ours, and nonsense.
  ["ichor.lan", "http://ichor.lan", null],
  ["10.0.0.5:3000", "https://ichor.example.org", null],
  ["10.0.0.5", "https://10.0.0.5", null],
  ["[::1]:3000", "http://[::1]:3000", null],
  ["evil.example", "https://ichor.example.org", null],
  ["example.org", "https://ichor.example.org", null],
  ["ichor.example.org:444", "https://ichor.example.org", null],
  ["localhost.evil.example", "https://ichor.example.org", null],
  ["user@localhost", "http://127.0.0.1:3000", null],
  [null, "https://ichor.example.org", null],
])("%s at %s", (host, publicUrl, place) => {
  expect(passkeyPlace(host, publicUrl)).toEqual(place);
});
