import { isIP } from "node:net";
import { experimental, status } from "@grpc/grpc-js";
import { machineRule } from "@/lib/core/dial/address-rule";
import { resolveAllowed } from "@/lib/core/dial/resolve";
import { errorMessage } from "@/lib/core/errors";
import { parseAddress } from "@/lib/talos/address";

type Target = ConstructorParameters<Parameters<typeof experimental.registerResolver>[1]>[0];

/** grpc-js asks after every lost connection; a name is looked up at most this often, an IP literal once. */
const shortestPauseMs = 5_000;

/**
 * Gives grpc-js the addresses that it connects to: the ones that the door of `lib/core/dial` allows, as IP literals. Each new
 * answer of DNS is judged anew.
 */
class GuardedResolver implements experimental.Resolver {
  private pending: NodeJS.Timeout | "asking" | null = null;
  private askedAtMs: number | null = null;
  private life = 0;

  constructor(
    private readonly target: Target,
    private readonly listener: experimental.ResolverListener,
  ) {}

  updateResolution(): void {
    const { host } = parseAddress(this.target.path);
    if (this.pending !== null || (isIP(host) !== 0 && this.askedAtMs !== null)) return;
    const waitMs = this.askedAtMs === null ? 0 : this.askedAtMs + shortestPauseMs - performance.now();
    const { life } = this;
    if (waitMs > 0) {
      this.pending = setTimeout(() => void this.ask(life), waitMs).unref();
      return;
    }
    // Not at once: grpc-js relies on that. Nor in a timer, which a busy event loop delays.
    this.pending = "asking";
    queueMicrotask(() => void this.ask(life));
  }

  destroy(): void {
    this.life += 1;
    if (this.pending !== null && this.pending !== "asking") clearTimeout(this.pending);
    this.pending = null;
    this.askedAtMs = null;
  }

  private async ask(life: number): Promise<void> {
    if (life !== this.life) return;
    const { host, port } = parseAddress(this.target.path);
    this.askedAtMs = performance.now();
    const answer = await resolveAllowed(host, machineRule).then(
      (found) => {
        const endpoints: experimental.Endpoint[] = found.map(({ address }) => ({
          addresses: [{ host: address, port }],
        }));
        return experimental.statusOrFromValue(endpoints);
      },
      (error: unknown): experimental.StatusOr<experimental.Endpoint[]> =>
        experimental.statusOrFromError({
          code: status.UNAVAILABLE,
          details: `Name resolution failed. Last error: ${errorMessage(error)}`,
        }),
    );
    if (life !== this.life) return;
    this.pending = null;
    this.listener(answer, {}, null, "");
  }

  /** The name of the target in HTTP/2 and TLS, as the resolvers of grpc-js give it. */
  static getDefaultAuthority(target: Target): string {
    return target.path;
  }
}

let registered = false;

/** Registers the scheme `ichor:` with grpc-js, once. */
export function registerGuardedResolver(): void {
  if (registered) return;
  registered = true;
  experimental.registerResolver("ichor", GuardedResolver);
}
