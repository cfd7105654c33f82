"use client";

import { type PointerEvent, useId, useState } from "react";
import { chartShape, niceMax } from "./chart-path";
import { useClock } from "./use-clock";

export type ChartPoint = { atMs: number; value: number | null };
export type AreaChartProps = {
  title: string;
  points: readonly ChartPoint[];
  /** A value as text with its unit. */
  format: (value: number) => string;
  /** Fixed top of the axis; else `round` finds the next round number. */
  max?: number;
  round?: (value: number) => number;
  height?: number;
};

const width = 600;

/** The newest value as text, the course as a picture, and the same as a table for those who would rather read. */
export function AreaChart({ title, points, format, max, round = niceMax, height = 88 }: AreaChartProps) {
  const [hovered, setHovered] = useState<number | null>(null);
  const id = useId();
  const values = points.map((point) => point.value);
  const known = values.filter((value): value is number => value !== null);
  const top = max ?? round(Math.max(0, ...known));
  const shape = chartShape(values, width, height, top);
  const shownIndex = hovered !== null && points[hovered] ? hovered : points.length - 1;
  const shown = points[shownIndex];
  const clock = useClock();
  const move = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    setHovered(Math.max(0, Math.min(points.length - 1, Math.round(share * (points.length - 1)))));
  };
  const x = points.length > 1 ? (shownIndex / (points.length - 1)) * width : width;
  return (
    <figure aria-labelledby={id} className="min-w-0">
      <figcaption className="mb-2 flex items-baseline justify-between gap-3">
        <span id={id} className="text-muted">
          {title}
        </span>
        <span className="text-base font-semibold tabular">
          {shown && shown.value !== null ? format(shown.value) : "not known"}
          {hovered !== null && shown && (
            <span className="ml-2 text-xs font-normal text-muted">{clock.time(shown.atMs)}</span>
          )}
        </span>
      </figcaption>
      {known.length === 0 ? (
        <p className="flex items-center justify-center rounded-md bg-canvas text-xs text-muted" style={{ height }}>
          No reading yet
        </p>
      ) : (
        <svg
          aria-hidden
          viewBox={`0 0 ${width} ${height}`}
          preserveAspectRatio="none"
          className="block w-full text-accent"
          style={{ height }}
          onPointerMove={move}
          onPointerLeave={() => setHovered(null)}
        >
          {[0.25, 0.5, 0.75].map((share) => (
            <line
              key={share}
              x1="0"
              x2={width}
              y1={height * share}
              y2={height * share}
              stroke="var(--line)"
              vectorEffect="non-scaling-stroke"
            />
          ))}
          <line
            x1="0"
            x2={width}
            y1={height - 0.5}
            y2={height - 0.5}
            stroke="var(--line-strong)"
            vectorEffect="non-scaling-stroke"
          />
          <path d={shape.area} fill="currentColor" opacity="0.12" />
          <path
            d={shape.line}
            fill="none"
            stroke="currentColor"
            strokeWidth="1.5"
            vectorEffect="non-scaling-stroke"
            strokeLinejoin="round"
          />
          {hovered !== null && (
            <line
              x1={x}
              x2={x}
              y1="0"
              y2={height}
              stroke="var(--muted)"
              strokeDasharray="2 3"
              vectorEffect="non-scaling-stroke"
            />
          )}
        </svg>
      )}
      <div className="mt-1 flex justify-between text-2xs text-faint tabular">
        <span>{points[0] ? clock.time(points[0].atMs) : ""}</span>
        <span>{known.length > 0 && `top ${format(top)}`}</span>
      </div>
      <table className="sr-only">
        <caption>{title}</caption>
        <tbody>
          {points
            .filter((_, index) => index % Math.max(1, Math.ceil(points.length / 12)) === 0)
            .map((point) => (
              <tr key={point.atMs}>
                <th scope="row">{clock.time(point.atMs)}</th>
                <td>{point.value === null ? "not known" : format(point.value)}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </figure>
  );
}
