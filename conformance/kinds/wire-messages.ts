import { execFileSync } from "node:child_process";
import path from "node:path";
import { createFileRegistry, type DescMessage, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { z } from "zod";

const root = path.dirname(path.dirname(import.meta.dirname));

/** A generated message: what the product encodes and decodes with. */
export type Codec = { encode: (value: unknown) => Uint8Array; decode: (bytes: Uint8Array) => unknown };
export type WireMessage = { descriptor: DescMessage; codec: Codec };

const generated = z.object({ encode: z.function(), decode: z.function() });

/** `machine.MachineStatusEvent.MachineStatus` is `MachineStatusEvent_MachineStatus` in the generated code. */
const exportName = ({ typeName, file }: DescMessage): string =>
  typeName.slice(file.proto.package.length + 1).replaceAll(".", "_");

async function codecOf(descriptor: DescMessage): Promise<Codec> {
  const code = (await import(path.join(root, "lib/talos/gen", `${descriptor.file.name}.ts`))) as Record<
    string,
    unknown
  >;
  const message = code[exportName(descriptor)];
  if (!generated.safeParse(message).success) throw new Error(`${descriptor.typeName} has no generated code.`);
  const { encode, decode } = message as {
    encode: (value: unknown) => { finish: () => Uint8Array };
    decode: Codec["decode"];
  };
  return { encode: (value) => encode(value).finish(), decode };
}

const nested = (descriptor: DescMessage): DescMessage[] => [
  descriptor,
  ...descriptor.nestedMessages.filter(({ proto }) => !proto.options?.mapEntry).flatMap(nested),
];

/** Every message of `proto/`, with the code that is generated for it. Google's own are judged as parts of ours. */
export async function wireMessages(): Promise<WireMessage[]> {
  const bytes = execFileSync(path.join(root, "node_modules/.bin/buf"), ["build", "proto", "-o", "-#format=binpb"], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, BUF_NO_UPDATE_CHECK: "1" },
  });
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, bytes));
  const descriptors = [...registry.files]
    .filter(({ name }) => !name.startsWith("google/"))
    .flatMap(({ messages }) => messages.flatMap(nested));
  return Promise.all(descriptors.map(async (descriptor) => ({ descriptor, codec: await codecOf(descriptor) })));
}
