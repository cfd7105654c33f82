import { CodeBlock } from "@/components/ui/code-block";
import { Notice } from "@/components/ui/notice";

/** Recovery codes, this once. */
export function RecoveryCodes({ codes }: { codes: readonly string[] }) {
  return (
    <div className="space-y-3">
      <Notice tone="warn">
        Keep these recovery codes where you keep passwords: each signs you in once when your second factor is lost. They
        are not stored and will not be shown again.
      </Notice>
      <CodeBlock text={codes.join("\n")} label="Recovery codes" />
    </div>
  );
}
