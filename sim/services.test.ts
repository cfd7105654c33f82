import { readFileSync } from "node:fs";
import { Agent, request as httpsRequest } from "node:https";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { mintKubernetesClientCertificate } from "@/lib/machine-config/pki-leaf";
import { startFleet, type Fleet } from "./fleet";
import { eventually } from "./testing";
import { tlsKeyPem } from "./wire/certificates";

const corpus = process.env.ICHOR_CORPUS;
const vectorsFile = corpus ? path.join(corpus, "data/schematic-vectors.json") : "";
const vectors = z.array(z.object({ name: z.string(), input: z.string(), canonical: z.string(), id: z.string() }));

let fleet: Fleet;
let agent: Agent;
beforeAll(async () => {
  fleet = await startFleet({ speed: 200 });
  const ca = fleet.world.clusters.get("forge")?.secrets.kubernetes;
  if (!ca) throw new Error("no cluster");
  const pair = await mintKubernetesClientCertificate({
    ca,
    commonName: "admin",
    organization: "system:masters",
    ttlMs: 3_600_000,
    nowMs: Date.now(),
  });
  agent = new Agent({ ca: ca.certPem, cert: pair.certPem, key: tlsKeyPem(pair.keyPem) });
});
afterAll(async () => {
  agent.destroy();
  await fleet.stop();
});

const post = (body: string) => fetch(`${fleet.factoryUrl}/schematics`, { method: "POST", body });

type Reply = {
  code: number;
  body: {
    items?: {
      metadata: { name: string; namespace: string };
      status?: Record<string, unknown>;
      spec?: Record<string, unknown>;
    }[];
    message?: string;
    spec?: { unschedulable?: boolean };
  };
};
function kube(
  method: string,
  url: string,
  body?: unknown,
  contentType = "application/json",
  withAgent: Agent | false = agent,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const options = {
      method,
      headers: { "content-type": contentType },
      ...(withAgent ? { agent: withAgent } : { agent: false as const, rejectUnauthorized: false }),
    };
    const sent = httpsRequest(`${fleet.kubernetesUrl}${url}`, options, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
      response.on("end", () => resolve({ code: response.statusCode ?? 0, body: JSON.parse(text) as Reply["body"] }));
    });
    sent.on("error", reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

describe("image factory", () => {
  test.skipIf(!corpus)("gives every vector its ID and canonical text", async () => {
    const all = vectors.parse(JSON.parse(readFileSync(vectorsFile, "utf8")));
    const refused: string[] = [];
    for (const vector of all) {
      const response = await post(vector.input);
      if (response.status === 400) {
        refused.push(vector.name);
        continue;
      }
      expect(await response.json()).toEqual({ id: vector.id, schematic: vector.canonical });
    }
    // Owners belong to the Enterprise factory.
    expect(refused).toEqual(all.filter(({ input }) => input.includes("owner")).map(({ name }) => name));
  });

  test("refuses what it does not know", async () => {
    const response = await post("customization:\n    systemExtension: {}\n");
    expect(response.status).toBe(400);
    expect(response.headers.get("content-type")).toContain("text/plain");
    expect((await fetch(`${fleet.factoryUrl}/schematics/${"0".repeat(64)}`)).status).toBe(404);
    expect((await fetch(`${fleet.factoryUrl}/image/${"0".repeat(64)}/v1.14.0/metal-amd64.iso`)).status).toBe(404);
  });

  test("builds assets of registered schematics, and says which extension a release lacks", async () => {
    const { id } = z
      .object({ id: z.string() })
      .parse(
        await (
          await post("customization: {systemExtensions: {officialExtensions: [siderolabs/xe]}, extraKernelArgs: [a=b]}")
        ).json(),
      );
    const iso = await fetch(`${fleet.factoryUrl}/image/${id}/v1.14.0/metal-amd64.iso`);
    expect(iso.headers.get("content-type")).toBe("application/x-iso9660-image");
    expect((await iso.arrayBuffer()).byteLength).toBe(Number(iso.headers.get("content-length")));
    expect(await (await fetch(`${fleet.factoryUrl}/image/${id}/v1.14.0/cmdline-metal-amd64`)).text()).toMatch(
      /^talos\.platform=metal .* a=b$/,
    );
    expect(await (await fetch(`${fleet.factoryUrl}/pxe/${id}/v1.14.0/metal-amd64`)).text()).toContain(
      `initrd ${fleet.factoryUrl}/image/${id}/v1.14.0/initramfs-amd64.xz\nboot\n`,
    );
    const old = await fetch(`${fleet.factoryUrl}/image/${id}/v1.11.6/metal-amd64.iso`);
    expect([old.status, await old.text()]).toEqual([
      400,
      'official extension "siderolabs/xe" is not available for Talos version v1.11.6\n',
    ]);
  });

  test("lists releases and their extensions", async () => {
    expect(await (await fetch(`${fleet.factoryUrl}/versions`)).json()).toEqual(
      expect.arrayContaining(["v1.9.0", "v1.14.0"]),
    );
    const names = async (release: string) =>
      z
        .array(z.object({ name: z.string() }))
        .parse(await (await fetch(`${fleet.factoryUrl}/version/${release}/extensions/official`)).json())
        .map(({ name }) => name);
    expect(await names("v1.11.6")).not.toContain("siderolabs/xe");
    expect(await names("1.12.11")).toContain("siderolabs/xe");
  });
});

describe("Kubernetes", () => {
  test("lists nodes with their GPUs, to those with a certificate", async () => {
    const { body } = await kube("GET", "/api/v1/nodes");
    const gpu = body.items?.find((item) => item.metadata.name === "gpu-01");
    expect(gpu?.status?.allocatable).toMatchObject({ "nvidia.com/gpu": "4" });
    expect(body.items?.map((item) => item.metadata.name)).toHaveLength(12);
    expect((await kube("GET", "/api/v1/nodes", undefined, undefined, false)).code).toBe(401);
  });

  test("cordon by patch", async () => {
    const { body } = await kube(
      "PATCH",
      "/api/v1/nodes/w-01",
      { spec: { unschedulable: true } },
      "application/strategic-merge-patch+json",
    );
    expect(body.spec?.unschedulable).toBe(true);
    const back = await kube(
      "PATCH",
      "/api/v1/nodes/w-01",
      [{ op: "replace", path: "/spec/unschedulable", value: false }],
      "application/json-patch+json",
    );
    expect(back.body.spec?.unschedulable).toBeUndefined();
  });

  test("an eviction that a disruption budget forbids is 429, and goes through when it is gone", async () => {
    fleet.fault("gpu-08", { kind: "blocked-drain" });
    const evict = () =>
      kube("POST", "/api/v1/namespaces/data/pods/postgres-gpu-08-0/eviction", {
        apiVersion: "policy/v1",
        kind: "Eviction",
        metadata: { name: "postgres-gpu-08-0", namespace: "data" },
      });
    const refused = await evict();
    expect([refused.code, refused.body.message]).toEqual([
      429,
      "Cannot evict pod as it would violate the pod's disruption budget.",
    ]);
    const budgets = await kube("GET", "/apis/policy/v1/poddisruptionbudgets");
    expect(
      budgets.body.items?.find((item) => item.metadata.name === "postgres-gpu-08")?.status?.disruptionsAllowed,
    ).toBe(0);
    fleet.clearFault("gpu-08", "blocked-drain");
    expect((await evict()).code).toBe(201);
    await eventually(
      () => kube("GET", "/api/v1/namespaces/data/pods/postgres-gpu-08-0"),
      ({ code }) => code === 404,
    );
  });
});

describe("control API", () => {
  test("switches faults by name, and tells the state", async () => {
    const set = await fetch(`${fleet.controlUrl}/faults`, {
      method: "POST",
      body: JSON.stringify({ node: "w-01", fault: "slow-pull:40" }),
    });
    expect(set.status).toBe(200);
    const state = z
      .array(z.looseObject({ name: z.string(), faults: z.array(z.unknown()) }))
      .parse(await (await fetch(`${fleet.controlUrl}/state`)).json());
    expect(state.find(({ name }) => name === "w-01")?.faults).toEqual([{ kind: "slow-pull", factor: 40 }]);
    expect((await fetch(`${fleet.controlUrl}/faults?node=w-01`, { method: "DELETE" })).status).toBe(200);
    expect(
      (
        await fetch(`${fleet.controlUrl}/faults`, {
          method: "POST",
          body: JSON.stringify({ node: "nobody", fault: "rollback" }),
        })
      ).status,
    ).toBe(404);
    expect(
      (
        await fetch(`${fleet.controlUrl}/faults`, {
          method: "POST",
          body: JSON.stringify({ node: "w-01", fault: "no-such" }),
        })
      ).status,
    ).toBe(400);
  });
});
