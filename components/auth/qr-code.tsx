/** A QR code from the server's path. Black on white in both themes: cameras want it so. */
export function QrCode({ size, path, label }: { size: number; path: string; label: string }) {
  const quiet = 4;
  const side = size + 2 * quiet;
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`${-quiet} ${-quiet} ${side} ${side}`}
      className="size-44 rounded-md"
      shapeRendering="crispEdges"
    >
      <rect x={-quiet} y={-quiet} width={side} height={side} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
