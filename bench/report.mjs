import os from "node:os";
import { p50, p99 } from "./samples.mjs";

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
const whole = (ms) => `${Math.round(ms)} ms`;
/** The most that a page may load before it works, gzip. */
export const scriptAimBytes = 250_000;

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(0)} KB`;
const mebibytes = (bytes) => `${(bytes / 1024 ** 2).toFixed(0)} MiB`;
const ratio = (value, aim) => `${(value / aim).toFixed(2)}×`;

/** The figures of one run as a table: what was measured, against what, as a ratio. Nothing is judged here. */
export function report(figures) {
  const { nodes, bare, eventMs, scrollMs, keyMs, scriptBytes } = figures;
  const bareMs = bare.importMs + bare.firstMs;
  const perNode = (figures.fullBytes - figures.emptyBytes) / nodes;
  const livePerNode = (figures.fullLiveBytes - figures.emptyLiveBytes) / nodes;
  const [heaviest, heaviestBytes] = Object.entries(scriptBytes).sort(([, a], [, b]) => b - a)[0];
  const rows = [
    ["figure", "Ichor", "against", "ratio"],
    [
      "import and first full snapshot",
      seconds(figures.wholeMs),
      `${seconds(bareMs)} bare client`,
      ratio(figures.wholeMs, bareMs),
    ],
    [
      "  import alone",
      seconds(figures.importMs),
      `${seconds(bare.importMs)} bare client`,
      ratio(figures.importMs, bare.importMs),
    ],
    [
      "  from there on",
      seconds(figures.wholeMs - figures.importMs),
      `${seconds(bare.firstMs)} bare client`,
      ratio(figures.wholeMs - figures.importMs, bare.firstMs),
    ],
    [
      "resident memory per node",
      kilobytes(perNode),
      `${kilobytes(bare.bytesPerNode)} bare client`,
      ratio(perNode, bare.bytesPerNode),
    ],
    [
      "  console without nodes, with all",
      mebibytes(figures.emptyBytes),
      mebibytes(figures.fullBytes),
      ratio(figures.fullBytes, figures.emptyBytes),
    ],
    [
      "  of it live after a collection",
      kilobytes(livePerNode),
      `${kilobytes(perNode)} resident`,
      ratio(livePerNode, perNode),
    ],
    [
      "  threads without nodes, with all",
      String(figures.emptyThreads),
      String(figures.fullThreads),
      ratio(figures.fullThreads, figures.emptyThreads),
    ],
    ["snapshot for one more tab", whole(figures.tabMs), mebibytes(figures.tabBytes), ""],
    ["plan of all nodes, each asked", seconds(figures.planColdMs), `${figures.planned} planned`, ""],
    ["plan of all nodes, asked before", whole(figures.planWarmMs), "1 s aim", ratio(figures.planWarmMs, 1_000)],
    [`node event to DOM, p50 of ${eventMs.length}`, whole(p50(eventMs)), "250 ms aim", ratio(p50(eventMs), 250)],
    [`node event to DOM, p99 of ${eventMs.length}`, whole(p99(eventMs)), "250 ms aim", ratio(p99(eventMs), 250)],
    ["scrolling, frame p50", whole(p50(scrollMs)), "16.7 ms at 60 Hz", ratio(p50(scrollMs), 16.7)],
    ["scrolling, frame p99", whole(p99(scrollMs)), "16.7 ms at 60 Hz", ratio(p99(scrollMs), 16.7)],
    ["key press to frame, p50", whole(p50(keyMs)), "200 ms good INP", ratio(p50(keyMs), 200)],
    ["key press to frame, p99", whole(p99(keyMs)), "200 ms good INP", ratio(p99(keyMs), 200)],
    ["rows in the document", String(figures.domRows), `${nodes} nodes`, ratio(figures.domRows, nodes)],
    [
      `first-load JavaScript, ${heaviest}`,
      kilobytes(heaviestBytes),
      "250 KB aim",
      ratio(heaviestBytes, scriptAimBytes),
    ],
    ...Object.entries(scriptBytes)
      .filter(([name]) => name !== heaviest)
      .map(([name, bytes]) => [`  ${name}`, kilobytes(bytes), "250 KB aim", ratio(bytes, scriptAimBytes)]),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join("   ");
  const [cpu] = os.cpus();
  const head = `${nodes} simulated nodes · Node ${process.versions.node} · ${os.cpus().length}× ${cpu?.model ?? "?"} · load ${os.loadavg()[0].toFixed(1)}`;
  return `\n${head}\n\n${rows.map(line).join("\n")}\n`;
}
