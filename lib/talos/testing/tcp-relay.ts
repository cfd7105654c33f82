import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export type Relay = {
  address: string;
  /** Ends every connection with a TCP reset. */
  reset(): void;
  /** Keeps every connection open and passes nothing on, in either direction. */
  stall(): void;
  stop(): void;
};

/** A TCP relay on loopback in front of a port, to break connections the way networks do. */
export async function startRelay(port: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  let stalled = false;
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("data", (bytes) => stalled || to.write(bytes));
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const reset = () => sockets.forEach((socket) => socket.resetAndDestroy());
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    reset,
    stall: () => (stalled = true),
    stop() {
      server.close();
      reset();
    },
  };
}
