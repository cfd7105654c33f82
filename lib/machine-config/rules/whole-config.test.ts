import { expect, test } from "vitest";
import { validateConfigText } from "@/lib/machine-config/validate";

const config = (nameservers: string) => `version: v1alpha1
machine:
  type: worker
  network:
    nameservers: ${nameservers}
cluster: {}
---
apiVersion: v1alpha1
kind: ResolverConfig
nameservers:
  - address: 10.0.0.53
`;

// Talos counts what it can read as an address, and passes over the rest without a word.
test.each([
  ["[10.0.0.1]", 1],
  ["[dns.example.org, 10.0.0.1]", 1],
  ["['fe80::1%eth0']", 1],
  ["[dns.example.org]", 0],
  ["[10.0.0.1:53]", 0],
  ["[]", 0],
])("nameservers in two places: %s", (nameservers, conflicts) => {
  const issues = validateConfigText(config(nameservers), { contract: "1.14" });
  expect(issues.filter(({ message }) => message.includes("sets this too"))).toHaveLength(conflicts);
});
