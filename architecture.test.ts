import fs from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import packageJson from "./package.json";

/** A folder of `lib/` may import the ones before it, never one after it. */
const libOrder = [
  "core",
  "db",
  "talos",
  "kubernetes",
  "image-factory",
  "live",
  "auth",
  "audit",
  "operation",
  "audit-keeping",
  "people",
  "backup",
  "gpu",
  "schematic",
  "machine-config",
  "boot",
  "inventory",
  "upgrades",
  "api",
];
/** Packages that one folder alone may import: the door to that world. */
const doors: Record<string, string[]> = {
  "@grpc/grpc-js": ["lib/talos", "sim", "bench", "hostile"],
  "@kubernetes/client-node": ["lib/kubernetes"],
  "@prisma/client": ["lib/db"],
  "@prisma/adapter-better-sqlite3": ["lib/db"],
  "better-sqlite3": ["lib/db"],
  "next-auth": ["lib/auth", "lib/people", "app/api/auth", "components/auth", "app/(auth)", "components/shell"],
};
/**
 * The one door for outgoing connections is lib/core/dial: it judges every address that is dialled. These are the ways past
 * it; what is served (`createServer`) and what reads an address (`isIP`) is no dial.
 */
const dialDoor = "lib/core/dial";
const dials: RegExp[] = [
  /import\s+(?:type\s+)?(?:\w+|\* as \w+)(?:\s*,\s*\{[^}]*\})?\s+from\s+["'](?:node:)?(?:net|tls|https?|http2|dgram|dns|dns\/promises)["']/,
  /import\s+\{[^}]*\b(?:connect|createConnection|Socket|TLSSocket as|request|get|Agent|lookup|resolve\w*|Resolver|createSocket)\b[^}]*\}\s+from\s+["'](?:node:)?(?:net|tls|https?|http2|dgram|dns|dns\/promises)["']/,
  /import\(\s*["'](?:node:)?(?:net|tls|https?|http2|dgram|dns|dns\/promises)["']/,
  /require\(\s*["'](?:node:)?(?:net|tls|https?|http2|dgram|dns)/,
  /from\s+["'](?:undici|axios|got|node-fetch|ws|socks|ssh2)["']/,
  /(?:\bawait|\breturn|=>|[=(,?:])\s*(?:globalThis\.)?fetch\(/,
  /\bnew\s+(?:WebSocket|EventSource)\(/,
  /\bchild_process\b/,
];
const adapters = ["lib/db", "lib/talos", "lib/kubernetes", "lib/image-factory"];
const simMayImport = ["lib/talos/gen", "lib/core", "lib/schematic", "lib/machine-config"];
const vagueNames = /^(index|utils?|helpers?|types|common|constants|misc|lib)\.tsx?$/;
const mostLines = 350;

type Source = { file: string; text: string };
type Link = { from: string; to: string; typeOnly: boolean };

const roots = ["app", "components", "lib", "sim", "e2e", "bench", "conformance", "kill-matrix", "hostile"];
/** They look at the product from outside. */
const outside = ["e2e", "bench", "conformance", "kill-matrix", "hostile"];
const isGenerated = (file: string) => file.startsWith("lib/talos/gen/") || file.startsWith("lib/db/gen/");
const isTest = (file: string) => /\.test\.tsx?$|(^|\/)testing(\.tsx?$|\/)|-testing\.ts$|\.fixture\.ts$/.test(file);
const under = (file: string, folder: string) => file === folder || file.startsWith(`${folder}/`);
const libFolder = (file: string) => (file.startsWith("lib/") ? (file.split("/")[1] ?? "") : null);

function readTree(): Source[] {
  const walk = (dir: string): string[] =>
    fs.existsSync(dir)
      ? fs.readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
          const file = `${dir}/${entry.name}`;
          return entry.isDirectory() ? walk(file) : /\.tsx?$/.test(entry.name) ? [file] : [];
        })
      : [];
  const top = fs.readdirSync(".").filter((name) => /^(instrumentation|proxy).*\.ts$/.test(name));
  return [...roots.flatMap(walk), ...top]
    .filter((file) => !isGenerated(file))
    .map((file) => ({ file, text: fs.readFileSync(file, "utf8") }));
}

/** Imports of a file, their targets as paths from the repository's root (packages keep their names). */
function linksOf({ file, text }: Source): Link[] {
  const links: Link[] = [];
  const pattern =
    /^\s*(import|export)\s+(type\s+)?[^;]*?from\s+["']([^"']+)["']|^\s*import\s+["']([^"']+)["']|import\(\s*(?:\/\*.*?\*\/\s*)?["']([^"']+)["']\s*\)/gm;
  for (const match of text.matchAll(pattern)) {
    const target = match[3] ?? match[4] ?? match[5] ?? "";
    const to = target.startsWith("@/")
      ? target.slice(2)
      : target.startsWith(".")
        ? path.posix.join(path.posix.dirname(file), target)
        : target;
    links.push({ from: file, to, typeOnly: match[2] !== undefined });
  }
  return links;
}

const show = (links: Link[]) => links.map(({ from, to }) => `${from} -> ${to}`);

type Rule = (tree: Source[]) => string[];

const rules: Record<string, Rule> = {
  "lib folders import only those above them; any schema.ts may be imported by all": (tree) =>
    show(
      tree.flatMap(linksOf).filter(({ from, to }) => {
        const [left, right] = [libFolder(from), libFolder(to)];
        if (left === null || right === null || left === right || isTest(from)) return false;
        // The wire contracts; an operation is defined with lib/operation wherever its domain stands.
        if (/\/schema$/.test(to) || to === "lib/live/frames") return false;
        return !libOrder.includes(left) || libOrder.indexOf(right) > libOrder.indexOf(left);
      }),
    ),
  "nothing imports upward: lib neither app nor components, components not app": (tree) =>
    show(
      tree.flatMap(linksOf).filter(({ from, to }) => {
        if (under(from, "lib")) return under(to, "app") || under(to, "components");
        return under(from, "components") && under(to, "app");
      }),
    ),
  "components/ui imports nothing of lib but lib/core": (tree) =>
    show(
      tree
        .flatMap(linksOf)
        .filter(({ from, to }) => under(from, "components/ui") && under(to, "lib") && !under(to, "lib/core")),
    ),
  "app and components import no adapter": (tree) =>
    show(
      tree
        .flatMap(linksOf)
        .filter(
          ({ from, to }) =>
            (under(from, "app") || under(from, "components")) && adapters.some((adapter) => under(to, adapter)),
        ),
    ),
  "each outside world has one door": (tree) =>
    show(
      tree.flatMap(linksOf).filter(({ from, to }) => {
        const door = Object.entries(doors).find(([name]) => under(to, name));
        return door !== undefined && !isTest(from) && !door[1].some((folder) => under(from, folder));
      }),
    ),
  "nothing dials past lib/core/dial": (tree) =>
    tree
      .filter(({ file, text }) => {
        const server =
          under(file, "lib") || under(file, "app") || /^(instrumentation-node|instrumentation|proxy)\.ts$/.test(file);
        if (!server || under(file, dialDoor) || isTest(file) || /^["']use client["']/m.test(text)) return false;
        return dials.some((dial) => dial.test(text));
      })
      .map(({ file }) => file),
  "Prisma's client is imported only inside lib/db": (tree) =>
    show(tree.flatMap(linksOf).filter(({ from, to }) => under(to, "lib/db/gen") && !under(from, "lib/db"))),
  "sim imports only what both ends share, and only tests import sim": (tree) =>
    show(
      tree.flatMap(linksOf).filter(({ from, to }) => {
        if (under(from, "sim") && !isTest(from))
          return under(to, "lib") && !simMayImport.some((folder) => under(to, folder)) && !/\/schema$/.test(to);
        return (
          under(to, "sim") && !under(from, "sim") && !isTest(from) && !outside.some((folder) => under(from, folder))
        );
      }),
    ),
  "what looks from outside is imported by nothing else": (tree) =>
    show(
      tree
        .flatMap(linksOf)
        .filter(({ from, to }) => outside.some((folder) => under(to, folder) && !under(from, folder))),
    ),
  '"use server" stands only in lib/api/actions.ts': (tree) =>
    tree
      .filter(({ file, text }) => file !== "lib/api/actions.ts" && /^\s*["']use server["'];?\s*$/m.test(text))
      .map(({ file }) => file),
  "queries.ts and commands.ts run on the server alone": (tree) =>
    tree
      .filter(
        ({ file, text }) => /^lib\/.*\/(queries|commands)\.ts$/.test(file) && !/^import "server-only";$/m.test(text),
      )
      .map(({ file }) => file),
  "operations are made with defineOperation, in operations files that lib/api lists": (tree) =>
    tree
      .filter(({ file, text }) => /\bdefineOperation\(/.test(text) && !isTest(file))
      .map(({ file }) => file)
      .filter(
        (file) => !/^lib\/[^/]+\/([a-z-]+-)?operations\.ts$/.test(file) && file !== "lib/operation/define-operation.ts",
      ),
  // A page that the server drew otherwise than the browser is thrown away by React, with what was typed into it.
  "what only the browser knows is drawn through useClock, useNow and useHydrated": (tree) =>
    tree
      .filter(({ file }) => under(file, "app") || under(file, "components"))
      .filter(
        ({ file, text }) =>
          (/\bDateTimeFormat\b|\.toLocale(Date|Time)?String\(\)/.test(text) && file !== "components/ui/use-clock.ts") ||
          // The theme of the document is set before React starts.
          (/\bsuppressHydrationWarning\b/.test(text) && file !== "app/layout.tsx") ||
          (/<Suspense\b/.test(text) && !/\buseHydrated\(\)/.test(text)),
      )
      .map(({ file }) => file),
  "files are named after what is in them, in kebab case": (tree) =>
    tree
      .map(({ file }) => file)
      .filter((file) => {
        const name = path.posix.basename(file);
        return vagueNames.test(name) || !/^[a-z0-9[\].-]+\.tsx?$/.test(name);
      }),
  [`no file is longer than ${mostLines} lines`]: (tree) =>
    tree
      .filter(({ text }) => text.split("\n").length - 1 > mostLines)
      .map(({ file, text }) => `${file}: ${text.split("\n").length - 1}`),
};

/** For each rule, files that must not pass it: a rule that takes them checks nothing. */
const badTrees: Record<string, Source[]> = {
  "lib folders": [
    { file: "lib/talos/call.ts", text: `import { plan } from "@/lib/upgrades/plan";` },
    { file: "lib/core/env.ts", text: `import {\n  db,\n} from "../db/client";` },
    { file: "lib/gpu/detect.ts", text: `export const load = () => import("@/lib/inventory/watcher");` },
  ],
  "nothing imports upward": [
    { file: "lib/core/units.ts", text: `import Page from "@/app/page";` },
    { file: "components/nodes/table.tsx", text: `import { x } from "../../app/x";` },
  ],
  "components/ui": [
    { file: "components/ui/button.tsx", text: `import type { NodeView } from "@/lib/inventory/schema";` },
  ],
  "app and components": [{ file: "app/(console)/page.tsx", text: `import { db } from "@/lib/db/client";` }],
  "each outside": [
    { file: "lib/inventory/watcher.ts", text: `import { Client } from "@grpc/grpc-js";` },
    { file: "lib/people/queries.ts", text: `import Database from "better-sqlite3";` },
  ],
  "nothing dials": [
    { file: "lib/people/idp.ts", text: `const keys = await fetch(jwksUri);` },
    { file: "lib/people/webhook.ts", text: `import https from "node:https";` },
    { file: "lib/talos/probe.ts", text: `import { connect, type TLSSocket } from "node:tls";` },
    { file: "lib/kubernetes/client.ts", text: `import { Agent } from "node:https";` },
    { file: "lib/inventory/names.ts", text: `import { lookup } from "node:dns/promises";` },
    { file: "app/api/x/route.ts", text: `export const GET = async () => fetch("http://169.254.169.254");` },
    { file: "lib/gpu/run.ts", text: `const { exec } = await import("node:child_process");` },
  ],
  "Prisma's client": [{ file: "lib/audit/record.ts", text: `import { PrismaClient } from "@/lib/db/gen/client";` }],
  "sim imports": [
    { file: "sim/node.ts", text: `import { db } from "@/lib/db/client";` },
    { file: "lib/inventory/watcher.ts", text: `import { startFleet } from "@/sim/fleet";` },
  ],
  "what looks": [{ file: "lib/gpu/detect.ts", text: `import { Random } from "@/conformance/random";` }],
  '"use server"': [{ file: "lib/upgrades/actions.ts", text: `"use server";\nexport async function go() {}` }],
  "queries.ts and": [{ file: "lib/gpu/queries.ts", text: `export const x = 1;` }],
  "operations are": [{ file: "lib/gpu/commands.ts", text: `export const x = defineOperation({});` }],
  "what only": [
    { file: "components/ui/age.tsx", text: `const clock = new Intl.DateTimeFormat("en-GB");` },
    { file: "components/ui/age.tsx", text: `export const Age = () => <time suppressHydrationWarning>now</time>;` },
    { file: "components/nodes/late.tsx", text: `export const Late = () => <Suspense fallback={null}>…</Suspense>;` },
  ],
  "files are named": [
    { file: "lib/gpu/utils.ts", text: "" },
    { file: "components/ui/Button.tsx", text: "" },
  ],
  "no file is longer": [{ file: "lib/gpu/long.ts", text: "\n".repeat(mostLines + 1) }],
};

describe("the house's rules", () => {
  const tree = readTree();
  test("there is a tree to check", () => expect(tree.length).toBeGreaterThan(50));

  describe.each(Object.entries(rules))("%s", (name, rule) => {
    test("holds", () => expect(rule(tree)).toEqual([]));
    test("would notice each bad file", () => {
      const bad = Object.entries(badTrees).find(([start]) => name.startsWith(start))?.[1] ?? [];
      expect(bad.length).toBeGreaterThan(0);
      for (const source of bad) expect(rule([source]), source.file).toHaveLength(1);
    });
  });
});

describe("documents", () => {
  const documents = [
    ...fs.readdirSync(".").filter((name) => name.endsWith(".md")),
    ...fs.readdirSync("docs").flatMap((name) => (name.endsWith(".md") ? [`docs/${name}`] : [])),
  ];
  test.each(documents)("%s names no file that is not there", (document) => {
    const text = fs.readFileSync(document, "utf8");
    const named = [...text.matchAll(/`((?:app|components|lib|sim|prisma|scripts|bench|e2e|docs)\/[\w.()[\]/-]+)`/g)];
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, to]) =>
      path.posix.join(path.posix.dirname(document), to ?? ""),
    );
    const missing = [...named.map(([, file]) => file ?? ""), ...links].filter(
      (file) => ![file, `${file}.ts`, `${file}.tsx`].some((one) => fs.existsSync(one)),
    );
    expect(missing).toEqual([]);
  });
});

/** The first versions without the known advisories: React2Shell and its kin, proxy bypasses, session confusion. */
const floors: Record<string, string> = {
  next: "16.3.3",
  react: "19.2.3",
  "react-dom": "19.2.3",
  "next-auth": "4.24.15",
};

describe("dependencies", () => {
  const versions: Record<string, string> = { ...packageJson.dependencies, ...packageJson.devDependencies };
  const older = (left: string, right: string) => left.localeCompare(right, "en", { numeric: true }) < 0;

  test("are pinned to one version each", () => {
    expect(Object.entries(versions).filter(([, version]) => !/^\d+\.\d+\.\d+([.-][\w.-]+)?$/.test(version))).toEqual(
      [],
    );
  });
  test("are past the advisories that matter", () => {
    expect(older("16.3.2", "16.3.3")).toBe(true);
    expect(
      Object.entries(floors).filter(([name, floor]) => versions[name] === undefined || older(versions[name], floor)),
    ).toEqual([]);
  });
});
