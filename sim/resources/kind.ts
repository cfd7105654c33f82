import { emitGoYaml, type GoYamlInput } from "@/lib/core/go-yaml";
import type { DeepPartial, MessageFns } from "@/lib/talos/gen/resource/definitions/runtime";

/** A spec as it is given: members that are left out have their zero value, as in Go. */
export type SpecInput<Spec> = DeepPartial<Spec>;

/** A spec in both encodings that COSI sends. */
export type EncodedSpec = { readonly protoSpec: Buffer; readonly yamlSpec: string };

/** What a type of resource is: where it lives, who may read it, since when it exists, who writes it. */
export type KindFacts = {
  readonly type: string;
  readonly namespace: string;
  /** The controller that owns resources of the type; empty for what the machine itself writes. */
  readonly owner: string;
  /** Only the admin role reads it. */
  readonly sensitive?: true;
  /** The first release that has it, where that is newer than the oldest of the fleet. */
  readonly since?: string;
};

/** A type of resource, and how its spec is encoded. */
export type ResourceKind<Spec> = KindFacts & { encode(input: SpecInput<Spec>, release: string): EncodedSpec };

/**
 * A kind whose two encodings are made from one message: `message` writes the protobuf, `yaml` says the same as Talos' YAML tags do
 * (pkg/machinery/resources), in their order.
 */
export function defineKind<Spec>(
  facts: KindFacts & {
    message: Pick<MessageFns<Spec>, "encode"> & { fromPartial(input: SpecInput<Spec>): Spec };
    yaml(spec: Spec, release: string): GoYamlInput;
  },
): ResourceKind<Spec> {
  const { message, yaml, ...rest } = facts;
  return {
    ...rest,
    encode(input, release) {
      const spec = message.fromPartial(input);
      return { protoSpec: Buffer.from(message.encode(spec).finish()), yamlSpec: emitGoYaml(yaml(spec, release)) };
    },
  };
}
