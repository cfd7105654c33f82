import type { Socket } from "node:net";
import { ChannelCredentials, type CallCredentials, type ChannelOptions } from "@grpc/grpc-js";

type SecureConnector = ReturnType<ChannelCredentials["_createSecureConnector"]>;

/** Any credentials, telling of each TCP socket that they are used on. */
class MeteredCredentials extends ChannelCredentials {
  constructor(
    private readonly inner: ChannelCredentials,
    private readonly onSocket: (socket: Socket) => void,
  ) {
    super();
  }

  override _isSecure(): boolean {
    return this.inner._isSecure();
  }

  override _equals(other: ChannelCredentials): boolean {
    return other instanceof MeteredCredentials && this.inner._equals(other.inner);
  }

  override _createSecureConnector(
    target: Parameters<ChannelCredentials["_createSecureConnector"]>[0],
    options: ChannelOptions,
    callCredentials?: CallCredentials,
  ): SecureConnector {
    const connector = this.inner._createSecureConnector(target, options, callCredentials);
    return {
      connect: (socket) => {
        this.onSocket(socket);
        return connector.connect(socket);
      },
      waitForReady: () => connector.waitForReady(),
      getCallCredentials: () => connector.getCallCredentials(),
      destroy: () => connector.destroy(),
    };
  }
}

/** `onSocket` is called with each TCP socket before its handshake; what it has read is in `socket.bytesRead`. */
export const meteredCredentials = (inner: ChannelCredentials, onSocket: (socket: Socket) => void): ChannelCredentials =>
  new MeteredCredentials(inner, onSocket);
