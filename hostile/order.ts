import { z } from "zod";
import { nodeTricks } from "./false-node";
import { httpTricks } from "./http-peer";
import { rawTricks } from "./raw-node";

const identity = z.object({ certPem: z.string(), keyPem: z.string(), caPem: z.string().nullable() });
const place = z.object({ host: z.string(), port: z.number() });

/** What the process of hostile peers is told to do, one at a time. */
export const order = z.discriminatedUnion("do", [
  z.object({ do: z.literal("node"), name: z.string(), place, identity, trick: z.enum([...nodeTricks, ...rawTricks]) }),
  z.object({ do: z.literal("stop"), name: z.string() }),
  /** Answers with the port that it listens on, and passes on to `target` until it becomes hostile. */
  z.object({ do: z.literal("service"), name: z.string(), target: z.number(), identity: identity.nullable() }),
  z.object({ do: z.literal("become"), name: z.string(), trick: z.enum(httpTricks).nullable() }),
]);
export type Order = z.infer<typeof order>;
export const orderAnswer = z.object({ port: z.number().nullable(), error: z.string().nullable() });
