export type ChartShape = { line: string; area: string };

/**
 * The path of a series in a box, oldest first. A null is a gap: what was not read is not drawn. `max` scales the top;
 * values above it are clipped there.
 */
export function chartShape(values: readonly (number | null)[], width: number, height: number, max: number): ChartShape {
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  const inset = 1;
  const y = (value: number) => height - inset - (Math.max(0, Math.min(value, max)) / (max || 1)) * (height - 2 * inset);
  const line: string[] = [];
  const area: string[] = [];
  let run: string[] = [];
  let runStart = 0;
  const close = (end: number) => {
    if (run.length === 0) return;
    const points = run.length === 1 ? [run[0]!, `${end.toFixed(1)} ${run[0]!.split(" ")[1]}`] : run;
    line.push(`M${points.join("L")}`);
    area.push(`M${runStart.toFixed(1)} ${height}L${points.join("L")}L${end.toFixed(1)} ${height}Z`);
    run = [];
  };
  values.forEach((value, index) => {
    const x = index * step;
    if (value === null) return close(x - step);
    if (run.length === 0) runStart = x;
    run.push(`${x.toFixed(1)} ${y(value).toFixed(1)}`);
  });
  close(width);
  return { line: line.join(""), area: area.join("") };
}

/** The smallest of 1, 2, 5 × 10ⁿ that holds the value: a calm top for an axis. */
export function niceMax(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const scaled = value / power;
  return (scaled <= 1 ? 1 : scaled <= 2 ? 2 : scaled <= 5 ? 5 : 10) * power;
}

/** The same for bytes, in the unit that they are told in: `20 MiB`, not `19.1 MiB`. */
export function niceMaxBytes(value: number): number {
  if (!(value > 0)) return 1024;
  const unit = 1024 ** Math.max(0, Math.floor(Math.log2(value) / 10));
  return Math.min(niceMax(value / unit), 1024) * unit;
}
