import { createServer as createNetServer, type Server, type Socket } from "node:net";
import {
  createSecureContext,
  createServer as createTlsServer,
  type SecureContextOptions,
  type Server as TlsServer,
  type TLSSocket,
} from "node:tls";
import type { SimNode } from "../node/node";
import { certificateFor } from "./certificates";
import { PeerTable } from "./peer";

const clientAuth = "1.3.6.1.5.5.7.3.2";

export type ListenerOptions = { node: SimNode; port: number; peers: PeerTable; accept: (socket: TLSSocket) => void };

/**
 * A node's API port: open while the node is up, gone while it reboots. Certificates are made when somebody connects, so a thousand
 * nodes cost nothing until they are looked at.
 */
export class NodeListener {
  private server: Server | null = null;
  private tls: TlsServer | null = null;
  /** Connections, each with what the node was when it came. */
  private readonly sockets = new Map<Socket, "maintenance" | "member" | null>();
  private certificateMadeMs = 0;
  private mode: "maintenance" | "member" | null = null;
  private opening: Promise<void> = Promise.resolve();

  constructor(private readonly options: ListenerOptions) {
    options.node.onPower((power) => this.follow(power));
  }

  /** Listens, unless the node is down or a fault makes it unreachable. */
  follow(power: SimNode["power"]): void {
    const wanted = power === "up" && !this.options.node.faults.has("unreachable");
    this.opening = this.opening.then(() => (wanted ? this.open() : this.close()));
    this.opening.catch((error: unknown) => this.options.node.world.report(error));
  }

  settled(): Promise<void> {
    return this.opening;
  }

  async prepare(): Promise<void> {
    if (this.server) await this.secure();
  }

  /** Makes a new certificate for the next connection, as a node does when its clock is set. */
  renew(): void {
    this.tls = null;
    this.dropConnections();
  }

  dropConnections(): void {
    for (const socket of this.sockets.keys()) socket.destroy();
  }

  /** Ends what came to a machine in maintenance mode that is a member now. */
  private dropStrangers(): void {
    if (this.options.node.maintenance) return;
    for (const [socket, mode] of this.sockets) if (mode === "maintenance") socket.destroy();
  }

  private open(): Promise<void> {
    this.tls = null;
    if (this.server) {
      this.dropStrangers();
      return Promise.resolve();
    }
    const { node, port } = this.options;
    const server = createNetServer({ pauseOnConnect: true }, (socket) => this.connected(socket));
    this.server = server;
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host: node.address, port, backlog: 64 }, () => resolve());
    });
  }

  private close(): Promise<void> {
    const { server } = this;
    this.server = null;
    this.tls = null;
    this.dropConnections();
    return server ? new Promise((resolve) => server.close(() => resolve())) : Promise.resolve();
  }

  private connected(socket: Socket): void {
    this.sockets.set(socket, null);
    socket.on("close", () => this.sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    this.secure().then(
      (tls) => {
        this.sockets.set(socket, this.mode);
        // Still paused: the first bytes of the handshake belong to TLS.
        tls.emit("connection", socket);
      },
      (error: unknown) => {
        socket.destroy();
        this.options.node.world.report(error);
      },
    );
  }

  /** The TLS side, renewed when the node changes between maintenance mode and membership, or its certificate is half through its day. */
  private async secure(): Promise<TlsServer> {
    const { node } = this.options;
    const mode = node.maintenance ? "maintenance" : "member";
    const fresh = node.nowMs() - this.certificateMadeMs < 12 * 3_600_000 && node.nowMs() >= this.certificateMadeMs;
    if (this.tls && this.mode === mode && fresh) return this.tls;
    const { keyPem, certPem, caPem } = await certificateFor(node);
    const context: SecureContextOptions = {
      key: keyPem,
      cert: certPem,
      minVersion: "TLSv1.2",
      ...(caPem === null ? {} : { ca: caPem }),
    };
    createSecureContext(context);
    const tls = createTlsServer({
      ...context,
      requestCert: mode === "member",
      rejectUnauthorized: mode === "member",
      ALPNProtocols: ["h2"],
      sessionTimeout: 1,
    });
    tls.on("tlsClientError", () => undefined);
    tls.on("secureConnection", (socket) => this.authenticated(socket, mode));
    this.tls = tls;
    this.mode = mode;
    this.certificateMadeMs = node.nowMs();
    return tls;
  }

  private authenticated(socket: TLSSocket, mode: "maintenance" | "member"): void {
    const { node, peers, accept } = this.options;
    const key = PeerTable.key(socket);
    if (mode === "maintenance") peers.set(key, { node, roles: ["os:reader"], commonName: "" });
    else {
      const certificate = socket.getPeerCertificate();
      const usages = certificate.ext_key_usage ?? [];
      // apid demands exactly clientAuth (internal/app/apid/service.go verifyExtKeyUsage).
      if (usages.length !== 1 || usages[0] !== clientAuth) return void socket.destroy();
      const organization: unknown = certificate.subject?.O;
      const roles = Array.isArray(organization)
        ? organization.map(String)
        : organization === undefined
          ? []
          : [String(organization)];
      peers.set(key, { node, roles, commonName: String(certificate.subject?.CN ?? "") });
    }
    socket.on("close", () => peers.delete(key));
    accept(socket);
  }
}
