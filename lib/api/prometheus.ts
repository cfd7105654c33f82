export type Sample = { labels: Readonly<Record<string, string>>; value: number };

/** A label's value may come from a node: the text format escapes three characters, and others that break lines are dropped. */
const escaped = (value: string): string =>
  value
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, " ")
    .slice(0, 300)
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"');

/** One gauge with its samples in Prometheus' text format (version 0.0.4). */
export function prometheusGauge(name: string, help: string, samples: readonly Sample[]): string {
  const lines = samples.map(({ labels, value }) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    return `${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join("")}`;
}
