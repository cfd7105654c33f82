import { expect, test } from "vitest";
import { shownLine } from "./shown-line";

test.each([
  "Health check failed: Get http://127.0.0.1:10248/healthz: dial tcp 127.0.0.1:10248: connect: connection refused",
  "NVRM: loading NVIDIA UNIX x86_64 Kernel Module  580.126.20",
  "NVRM: The NVIDIA GPU 0000:41:00.0 (PCI ID: 10de:1b06) installed in this system is not supported by open kernel modules",
  "amdgpu 0000:03:00.0: amdgpu: SMU is resumed successfully!",
  "nvidia: disagrees about version of symbol module_layout",
  "waiting for network to be ready",
  "pulling ghcr.io/siderolabs/installer:v1.14.0",
  "etcd: 3 members, leader 1234, size=4096 healthy=true",
  "installed at /dev/nvme0n1, took 35s",
])("%s is shown as it is", (line) => expect(shownLine(line)).toBe(line));

test.each([
  "token=c4n4ry",
  "TOKEN: c4n4ry",
  'the password is "c4n4ry"',
  "--token c4n4ry",
  "-p c4n4ry",
  "psk=c4n4ry passwd=c4n4ry",
  "Get https://me:c4n4ry@host/x?y=1: refused",
  "Get https://host/x?k=c4n4ry: refused",
  '{"auth":"c4n4ry"}',
  "Authorization: Bearer c4n4ry",
  "Authorization: Basic YzRuNHJ5OmM0bjRyeQ==",
  "PrivateKey = c4n4ryc4n4ryc4n4ryc4n4ryc4n4ryc4n4ryc4n4ry0=",
  "talos.config=http://x/c4n4ry",
  "-----BEGIN EC PRIVATE KEY----- c4n4ry",
  "ichor_c4n4ryc4n4ryc4n4ryc4n4ry",
  "AKIAc4n4ryc4n4ryc4n4ryc4n4ry",
  "FOO='c4n4ry'",
  'FOO="c4n4ry c4n4ry"',
  "secret for node-1: c4n4ry",
])("%s loses its secret", (line) => expect(shownLine(line)).not.toContain("c4n4ry"));

test("a long hostile line takes no time", () => {
  const started = performance.now();
  for (const unit of ["a=", "-a ", "http://", "token ", "x:", '"', "A1", "is "]) shownLine(unit.repeat(4096));
  // Seconds where a pattern backtracks; the rest is for a busy machine.
  expect(performance.now() - started).toBeLessThan(5_000);
});
