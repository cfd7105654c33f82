import "server-only";
import { z } from "zod";
import { appErrorCodes } from "@/lib/core/errors";
import type { Sensitivity } from "@/lib/auth/proof";
import { statusOf } from "@/lib/operation/http";
import { operations } from "./operations";
import { reads } from "./reads";

const json = (schema: unknown) => ({ content: { "application/json": { schema } } });
const schemaOf = (schema: z.ZodType, io: "input" | "output") => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
};

const errorSchema = {
  type: "object",
  required: ["error"],
  properties: {
    error: {
      type: "object",
      required: ["code", "message", "requestId"],
      properties: {
        code: { type: "string", enum: appErrorCodes },
        message: { type: "string" },
        hint: { type: "string" },
        fields: { type: "object", additionalProperties: { type: "string" } },
        details: { type: "string" },
        retryAfterSeconds: { type: "integer" },
        requestId: { type: "string" },
      },
    },
  },
};
const retryHeader = { "Retry-After": { description: "Seconds until it may work.", schema: { type: "integer" } } };
const codes = Object.entries(statusOf);
const failures = Object.fromEntries(
  codes.map(([, status]) => [
    String(status),
    {
      description: codes.flatMap(([code, of]) => (of === status ? [code] : [])).join(" or "),
      ...((status === 429 || status === 503) && { headers: retryHeader }),
      ...json({ $ref: "#/components/schemas/Error" }),
    },
  ]),
);

const kindWords: Record<(typeof operations)[number]["kind"], string> = {
  change: "Audited.",
  reveal: "Changes nothing. Audited, since it opens secrets.",
  compute: "Computes only: changes nothing.",
};

/** What a caller has to know of an operation that is sensitive. */
const sensitivity: Record<Sensitivity, string> = {
  accounts: " Sensitive: asks a person for a fresh proof; refused to API tokens.",
  secrets: " Sensitive: asks a person for a fresh proof. The answer is secret.",
  machines: " Sensitive: asks a person for a fresh proof.",
};

const operationPath = ({ name, role, kind, sensitive, summary, input, output }: (typeof operations)[number]) => ({
  post: {
    operationId: name,
    summary,
    description: `Needs the role ${role}. ${kindWords[kind]}${sensitive ? sensitivity[sensitive] : ""}`,
    requestBody: { required: true, ...json(schemaOf(input, "input")) },
    responses: {
      "200": {
        description: "Done.",
        ...json({ type: "object", required: ["data"], properties: { data: schemaOf(output, "output") } }),
      },
      ...failures,
    },
  },
});

const readPath = ({ name, summary, query, output }: (typeof reads)[number]) => {
  const { properties = {} } = z.toJSONSchema(query, { io: "input", unrepresentable: "any" });
  return {
    get: {
      operationId: `${name}.list`,
      summary,
      description: "Needs the role viewer.",
      parameters: Object.entries(properties).map(([parameter, schema]) => ({ name: parameter, in: "query", schema })),
      responses: {
        "200": {
          description: "The list.",
          ...json({ type: "object", properties: { data: schemaOf(output, "output") } }),
        },
        ...failures,
      },
    },
  };
};

const itemPath = ({ name, item }: (typeof reads)[number]) => ({
  get: {
    operationId: `${name}.get`,
    summary: `One of ${name}, by its id.`,
    description: "Needs the role viewer.",
    parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
    responses: {
      "200": {
        description: "It.",
        ...json({ type: "object", properties: { data: item ? schemaOf(item, "output") : {} } }),
      },
      ...failures,
    },
  },
});

/** The OpenAPI 3.1 document of everything under `/api/v1`, from the schemas that the server itself parses with. */
export function openApiDocument() {
  return {
    openapi: "3.1.0",
    info: { title: "Ichor", version: "1", description: "What the dashboard can do, this interface can do." },
    security: [{ token: [] }],
    components: { securitySchemes: { token: { type: "http", scheme: "bearer" } }, schemas: { Error: errorSchema } },
    paths: {
      ...Object.fromEntries(reads.map((read) => [`/api/v1/${read.name}`, readPath(read)])),
      ...Object.fromEntries(
        reads.filter((read) => read.get).map((read) => [`/api/v1/${read.name}/{id}`, itemPath(read)]),
      ),
      ...Object.fromEntries(
        operations.map((operation) => [`/api/v1/operations/${operation.name}`, operationPath(operation)]),
      ),
    },
  };
}
