import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

/**
 * Compares our .proto files, as the compiler reads them, with the wire facts of each Talos release. Something of ours that a release does not have
 * at all is fine; something that it has otherwise is not.
 */
const corpus = process.env.ICHOR_CORPUS;
const factsFile = corpus ? path.join(corpus, "data", "talos-api.json") : "";

type Dated<T> = T | { is: T; since?: string; until?: string; changed?: Record<string, T> };
type MethodFact = {
  request: string;
  response: string;
  client_stream: boolean;
  server_stream: boolean;
  deprecated?: boolean;
};
type FieldFact = [number, string, string?];
type Facts = {
  versions: string[];
  services: Record<string, Record<string, Dated<MethodFact>>>;
  messages: Record<string, Record<string, Dated<FieldFact>>>;
  enums: Record<string, Record<string, Dated<number>>>;
};
type Field = {
  name: string;
  number: number;
  label: string;
  type: string;
  typeName?: string;
  oneofIndex?: number;
  proto3Optional?: boolean;
};
type Enum = { name: string; value: { name: string; number?: number }[] };
type Message = {
  name: string;
  field?: Field[];
  nestedType?: (Message & { options?: { mapEntry?: boolean } })[];
  enumType?: Enum[];
  oneofDecl?: { name: string }[];
};
type File = {
  name: string;
  package: string;
  messageType?: Message[];
  enumType?: Enum[];
  service?: {
    name: string;
    method: {
      name: string;
      inputType: string;
      outputType: string;
      clientStreaming?: boolean;
      serverStreaming?: boolean;
    }[];
  }[];
};

const root = path.dirname(import.meta.dirname);
const compile = (): File[] =>
  (
    JSON.parse(
      execFileSync(path.join(root, "node_modules/.bin/buf"), ["build", "proto", "-o", "-#format=json"], {
        cwd: root,
        maxBuffer: 64 * 1024 * 1024,
      }).toString(),
    ) as { file: File[] }
  ).file.filter(({ name }) => !name.startsWith("google/"));

const scalar = (type: string) => type.replace("TYPE_", "").toLowerCase();

function messagesOf(
  scope: string,
  message: Message,
  into: Map<string, Map<string, FieldFact>>,
  enums: Map<string, Map<string, number>>,
): void {
  const name = `${scope}.${message.name}`;
  const maps = new Map(
    (message.nestedType ?? [])
      .filter((nested) => nested.options?.mapEntry)
      .map((nested) => [
        `.${name}.${nested.name}`,
        `map<${(nested.field ?? []).map((field) => typeOf(field, new Map())).join(",")}>`,
      ]),
  );
  const fields = (message.field ?? []).map((field): [string, FieldFact] => {
    const oneof =
      field.oneofIndex === undefined || field.proto3Optional ? undefined : message.oneofDecl?.[field.oneofIndex]?.name;
    return [
      field.name,
      oneof === undefined ? [field.number, typeOf(field, maps)] : [field.number, typeOf(field, maps), `oneof ${oneof}`],
    ];
  });
  into.set(name, new Map(fields));
  for (const nested of message.nestedType ?? []) if (!nested.options?.mapEntry) messagesOf(name, nested, into, enums);
  for (const each of message.enumType ?? []) enums.set(`${name}.${each.name}`, valuesOf(each));
}

function typeOf(field: Field, maps: Map<string, string>): string {
  const map = field.typeName === undefined ? undefined : maps.get(field.typeName);
  if (map !== undefined) return map;
  const type = field.typeName?.slice(1) ?? scalar(field.type);
  return field.label === "LABEL_REPEATED" ? `repeated ${type}` : type;
}

const valuesOf = (each: Enum) => new Map(each.value.map(({ name, number = 0 }) => [name, number]));

/** For comparing: that a method is deprecated does not show on the wire. */
const onWire = (fact: unknown) =>
  JSON.stringify(fact, (key, value: unknown) => (key === "deprecated" ? undefined : value));

/** What a release has under this name; undefined when it has nothing. */
function inRelease<T>(dated: Dated<T> | undefined, version: string, versions: string[]): T | undefined {
  if (dated === undefined) return undefined;
  const wrapped = typeof dated === "object" && dated !== null && "is" in dated ? dated : { is: dated as T };
  const at = versions.indexOf(version);
  if (wrapped.since !== undefined && at < versions.indexOf(wrapped.since)) return undefined;
  if (wrapped.until !== undefined && at > versions.indexOf(wrapped.until)) return undefined;
  const changes = Object.entries(wrapped.changed ?? {}).filter(([since]) => versions.indexOf(since) <= at);
  return changes.at(-1)?.[1] ?? wrapped.is;
}

describe.skipIf(!existsSync(factsFile))("wire facts", () => {
  const facts = existsSync(factsFile)
    ? (JSON.parse(readFileSync(factsFile, "utf8")) as Facts)
    : { versions: [], services: {}, messages: {}, enums: {} };
  const files = compile();
  const messages = new Map<string, Map<string, FieldFact>>();
  const enums = new Map<string, Map<string, number>>();
  for (const file of files) {
    for (const message of file.messageType ?? []) messagesOf(file.package, message, messages, enums);
    for (const each of file.enumType ?? []) enums.set(`${file.package}.${each.name}`, valuesOf(each));
  }

  it("reads all six releases and a sensible number of messages", () => {
    expect(facts.versions.length).toBeGreaterThanOrEqual(6);
    expect(messages.size).toBeGreaterThan(150);
    expect(enums.size).toBeGreaterThan(25);
  });

  it.each(facts.versions)("agrees with %s in every service, message, field and enum value", (version) => {
    const wrong: string[] = [];
    let compared = 0;
    const compare = (name: string, ours: unknown, dated: Dated<unknown> | undefined) => {
      if (dated === undefined) return void wrong.push(`${name} is in no release`);
      const theirs = inRelease(dated, version, facts.versions);
      compared += 1;
      if (theirs !== undefined && onWire(theirs) !== onWire(ours))
        wrong.push(`${name}: ours ${JSON.stringify(ours)}, ${version} has ${JSON.stringify(theirs)}`);
    };
    for (const file of files)
      for (const service of file.service ?? [])
        for (const method of service.method) {
          const name = `${file.package}.${service.name}`;
          const ours: MethodFact = {
            request: method.inputType.slice(1),
            response: method.outputType.slice(1),
            client_stream: method.clientStreaming ?? false,
            server_stream: method.serverStreaming ?? false,
          };
          compare(`${name}/${method.name}`, ours, facts.services[name]?.[method.name]);
        }
    for (const [name, fields] of messages) {
      if (!(name in facts.messages)) wrong.push(`${name} is in no release`);
      for (const [field, ours] of fields) compare(`${name}.${field}`, ours, facts.messages[name]?.[field]);
    }
    for (const [name, values] of enums)
      for (const [value, ours] of values) compare(`${name}.${value}`, ours, facts.enums[name]?.[value]);
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(900);
  });
});
