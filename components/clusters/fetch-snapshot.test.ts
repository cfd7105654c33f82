import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { fetchSnapshot } from "./fetch-snapshot";

/** Asks a real server on the loopback that answers with `listener`. */
async function from(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await fetchSnapshot("c 1", (path) => fetch(`http://127.0.0.1:${port}${String(path)}`));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test("a whole snapshot comes with its name", async () => {
  const found = await from((request, response) => {
    response.setHeader("content-disposition", 'attachment; filename="etcd-lab.snapshot"');
    response.end(request.url);
  });
  expect(found).toMatchObject({ ok: true, fileName: "etcd-lab.snapshot" });
  expect(found.ok && (await found.content.text())).toBe("/api/clusters/c%201/etcd-snapshot");
});

test("a stream that breaks gives no file", async () => {
  const found = await from((_request, response) => {
    response.setHeader("content-length", "1000");
    response.write("half", () => response.destroy());
  });
  expect(found).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining("did not arrive whole") as string },
  });
});

test("a refusal keeps its sentence", async () => {
  const error = { code: "refused", message: "cp-01: the node is unreachable.", requestId: "req_1" };
  const found = await from((_request, response) => {
    response.statusCode = 409;
    response.end(JSON.stringify({ error }));
  });
  expect(found).toEqual({ ok: false, error });
});
