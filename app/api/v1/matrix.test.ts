import { beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { callOperation } from "@/lib/api/actions";
import { type Door, doors, routeDoors } from "@/lib/api/doors";
import { narrowedToken, type Sender, sendersOf, type SenderState, setUpTestDatabase } from "@/lib/api/matrix-testing";
import { type OperationName, operations } from "@/lib/api/operations";
import { reads } from "@/lib/api/reads";
import { type Role, roles } from "@/lib/auth/role";
import { env } from "@/lib/core/env";
import { POST } from "./operations/[name]/route";
import { GET as getList } from "./[collection]/route";
import { GET as getItem } from "./[collection]/[id]/route";
import { GET as getMetrics } from "../metrics/route";
import { GET as getLive } from "../live/route";
import { GET as getLogs } from "../nodes/[node]/logs/route";
import { GET as getDmesg } from "../nodes/[node]/dmesg/route";
import { GET as getBackup } from "../backups/[file]/route";
import { GET as getExport } from "./audit/export/route";
import { GET as getSnapshot } from "../clusters/[cluster]/etcd-snapshot/route";

setUpTestDatabase();
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

// The cookies and headers of the request being served, as Next keeps them.
const request = vi.hoisted(() => ({ headers: new Headers() }));
vi.mock("next/headers", () => ({
  headers: async () => request.headers,
  cookies: async () => ({
    get: (name: string) => {
      const pair = (request.headers.get("cookie") ?? "").split("; ").find((one) => one.startsWith(`${name}=`));
      return pair === undefined ? undefined : { name, value: pair.slice(name.length + 1) };
    },
  }),
}));
// What is written of each is tested with the audit log; here thousands are asked for.
vi.mock("@/lib/audit/record", () => ({
  recordIntent: async () => "audit_1",
  recordOutcome: async () => "audit_2",
  recordDenied: async () => "audit_3",
}));

const done = { letIn: true };
// Who is let in gets this answer: what an operation does is no matter here.
for (const operation of operations) {
  const open = { input: z.unknown(), output: z.unknown(), run: async () => done };
  Object.assign(operation, { ...open, target: undefined, auditDetail: undefined });
}
for (const read of reads) {
  const get = read.get && { get: async () => done, item: z.unknown() };
  Object.assign(read, { query: z.unknown(), output: z.unknown(), list: async () => done, ...get });
}

type Answer = "let in" | "unauthenticated" | "forbidden" | "proof-needed" | "refused";
const satisfied: Record<Role, Role[]> = {
  viewer: ["viewer"],
  auditor: ["viewer", "auditor"],
  operator: ["viewer", "operator"],
  admin: ["viewer", "auditor", "operator", "admin"],
};

/** The rules in short, written here once more: what the answer must be, whatever the code says. */
function expected(door: Door, role: Role, state: SenderState, changes: boolean): Answer {
  const may = satisfied[role].includes(door.role);
  const asToken = !may ? "forbidden" : door.sensitive === "accounts" ? "refused" : "let in";
  const asPerson = may ? "let in" : "forbidden";
  const answers: Record<SenderState, Answer> = {
    "signed in just now": asPerson,
    "signed in six minutes ago": may && door.sensitive ? "proof-needed" : asPerson,
    "with a session that was ended": "unauthenticated",
    "with a session that was idle for too long": "unauthenticated",
    "with a disabled account": "unauthenticated",
    "from another site": changes ? "forbidden" : asPerson,
    "from nowhere that is said": changes ? "forbidden" : asPerson,
    "with a token": asToken,
    "with an admin's token of a weaker owner": asToken,
    "with an expired token": "unauthenticated",
    "with a revoked token": "unauthenticated",
    "with the token of a disabled account": "unauthenticated",
    "with a token narrowed to something else": "forbidden",
    nobody: "unauthenticated",
  };
  return answers[state];
}

function headersOf({ cookie, bearer, origin }: Sender): Headers {
  const headers = new Headers({ host: new URL(env().publicUrl).host });
  if (cookie) headers.set("cookie", cookie);
  if (bearer) headers.set("authorization", `Bearer ${bearer}`);
  if (origin) headers.set("origin", origin);
  return headers;
}
const sent = (path: string, method: string, sender: Sender): Request => {
  request.headers = headersOf(sender);
  return new Request(`http://127.0.0.1:3000${path}`, {
    method,
    headers: request.headers,
    ...(method === "POST" && { body: "{}" }),
  });
};
async function answerOf(response: Response): Promise<Answer> {
  if (response.status === 200) {
    await response.body?.cancel();
    return "let in";
  }
  const { error } = (await response.json()) as { error: { code: Answer | "not-found" } };
  // Let in, and asked for a node or cluster that is not there.
  return error.code === "not-found" ? "let in" : error.code;
}
const node = { params: Promise.resolve({ node: "node_none" }) };
const routes: Record<string, (request: Request) => Promise<Response>> = {
  "fleet.follow": getLive,
  "metrics.read": getMetrics,
  "node.logs": (asked) => getLogs(asked, node),
  "node.dmesg": (asked) => getDmesg(asked, node),
  "audit.export": getExport,
  "backup.download": (asked) => getBackup(asked, { params: Promise.resolve({ file: "none" }) }),
  "cluster.download-etcd-snapshot": (asked) =>
    getSnapshot(asked, { params: Promise.resolve({ cluster: "cluster_none" }) }),
};
/** Asks at the door's own route. */
function ask({ name }: Door, sender: Sender): Promise<Response> {
  const route = routes[name];
  if (route) return route(sent(name === "node.logs" ? "/api/x?service=kubelet" : "/api/x", "GET", sender));
  if (operations.some((operation) => operation.name === name))
    return POST(sent(`/api/v1/operations/${name}`, "POST", sender), { params: Promise.resolve({ name }) });
  const [collection = "", verb] = name.split(".");
  if (verb === "get")
    return getItem(sent("/api/x", "GET", sender), { params: Promise.resolve({ collection, id: "x" }) });
  return getList(sent("/api/x", "GET", sender), { params: Promise.resolve({ collection }) });
}

const isOperation = ({ name }: Door) => operations.some((operation) => operation.name === name);

describe.each(roles)("a %s", (role) => {
  let senders: Awaited<ReturnType<typeof sendersOf>>;
  beforeAll(async () => {
    senders = await sendersOf(role, env().publicUrl);
  });
  const states = () => Object.entries(senders) as [SenderState, Sender][];

  test("is let in at each route to exactly what is declared, in every state", async () => {
    const wrong: string[] = [];
    for (const door of doors)
      for (const [state, sender] of states()) {
        const answer = await answerOf(await ask(door, sender));
        const right = expected(door, role, state, isOperation(door));
        if (answer !== right) wrong.push(`${door.name} ${state}: ${answer}, not ${right}`);
      }
    expect(wrong).toEqual([]);
  });

  test("is let in at the server action to exactly the same", async () => {
    const wrong: string[] = [];
    for (const door of doors.filter(isOperation))
      for (const [state, sender] of states().filter(([, { bearer }]) => bearer === undefined)) {
        request.headers = headersOf(sender);
        const result = await callOperation(door.name as OperationName, {} as never);
        const answer = result.ok ? "let in" : result.error.code;
        const right = expected(door, role, state, true);
        if (answer !== right) wrong.push(`${door.name} ${state}: ${answer}, not ${right}`);
      }
    expect(wrong).toEqual([]);
  });

  test("with a token narrowed to one door passes by that one alone", async () => {
    const wrong: string[] = [];
    for (const [at, door] of doors.entries()) {
      const sender = { bearer: await narrowedToken(role, [door.name]), origin: null };
      const answer = await answerOf(await ask(door, sender));
      const right = expected(door, role, "with a token", false);
      if (answer !== right) wrong.push(`${door.name}: ${answer}, not ${right}`);
      const other = doors[(at + 1) % doors.length] ?? door;
      const beside = await answerOf(await ask(other, sender));
      if (beside !== "forbidden") wrong.push(`${door.name} opened ${other.name}: ${beside}`);
    }
    expect(wrong).toEqual([]);
  });
});

test("the matrix has every operation, read and streaming route, each once", () => {
  const names = doors.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThan(operations.length + reads.length);
  expect(Object.keys(routes).sort()).toEqual(routeDoors.map(({ name }) => name).sort());
});
