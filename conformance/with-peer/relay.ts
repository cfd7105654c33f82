import { connect, createServer, type AddressInfo } from "node:net";

/** Passes TCP connections on to a peer, so that it is reached at an address that is not its own. */
export async function relayTo(target: string, host: string): Promise<{ address: string; stop: () => Promise<void> }> {
  const [targetHost = "", targetPort = ""] = target.split(":");
  const server = createServer((near) => {
    const far = connect(Number(targetPort), targetHost);
    near.pipe(far).pipe(near);
    near.on("error", () => far.destroy());
    far.on("error", () => near.destroy());
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `${host}:${port}`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
