const tailLength = 9;
const shortLength = 18;

/** A name on one line. Names of many machines differ at their end, so what does not fit is left out before it. */
export function TailCut({ children: text }: { children: string }) {
  if (text.length <= shortLength) return <span className="block truncate">{text}</span>;
  return (
    <span className="flex min-w-0" title={text}>
      <span className="truncate">{text.slice(0, -tailLength)}</span>
      <span className="shrink-0 whitespace-pre">{text.slice(-tailLength)}</span>
    </span>
  );
}
