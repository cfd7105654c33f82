import type { EncodedSpec, KindFacts } from "./kind";

/** One COSI resource as a node holds it, in one of its versions. */
export class SimResource {
  private encoded: EncodedSpec | null = null;

  constructor(
    readonly kind: KindFacts,
    readonly id: string,
    readonly version: number,
    readonly times: { readonly createdMs: number; readonly updatedMs: number },
    readonly annotations: Readonly<Record<string, string>>,
    /** The spec as it was given, to compare the next with. */
    readonly input: unknown,
    private readonly encode: () => EncodedSpec,
  ) {}

  /** Both encodings, made when somebody asks for the first time. */
  get spec(): EncodedSpec {
    return (this.encoded ??= this.encode());
  }
}
