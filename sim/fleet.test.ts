import { credentials, Metadata, status, type ServiceError } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { MachineServiceClient } from "@/lib/talos/gen/machine/machine";
import { startFleet, type Fleet } from "./fleet";
import { tlsKeyPem } from "./wire/certificates";

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet({ speed: 100 });
});
afterAll(() => fleet.stop());

function clientFor(name: string, talosconfig: string): MachineServiceClient {
  const config = parse(talosconfig) as {
    context: string;
    contexts: Record<string, { ca: string; crt: string; key: string }>;
  };
  const context = config.contexts[config.context];
  const node = fleet.nodes.find((candidate) => candidate.name === name);
  if (!context || !node) throw new Error("no such node");
  const pem = (text: string) => Buffer.from(text, "base64");
  return new MachineServiceClient(
    node.endpoint,
    credentials.createSsl(pem(context.ca), Buffer.from(tlsKeyPem(pem(context.key).toString())), pem(context.crt)),
  );
}

describe("fleet", () => {
  test("a node answers Version over mutual TLS", async () => {
    const client = clientFor("gpu-01", fleet.readerTalosconfig);
    const response = await new Promise((resolve, reject) =>
      client.version({}, (error, value) => (error ? reject(error) : resolve(value))),
    );
    expect(response).toMatchObject({ messages: [{ version: { tag: "v1.14.0" } }] });
    client.close();
  });
  test("a reader may not reboot", async () => {
    const client = clientFor("gpu-01", fleet.readerTalosconfig);
    const error = await new Promise<ServiceError | null>((resolve) =>
      client.reboot({ mode: 0 }, new Metadata(), (failure) => resolve(failure)),
    );
    expect(error?.code).toBe(status.PERMISSION_DENIED);
    client.close();
  });
});
