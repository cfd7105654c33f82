"use client";

import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import type { TotpInvitation } from "@/lib/people/factors/schema";
import { QrCode } from "./qr-code";

type Props = { invitation: TotpInvitation; code: string; onCode: (code: string) => void; error: string | undefined };

/** What an authenticator app has to be told, and where its first code is entered. */
export function TotpSetUp({ invitation, code, onCode, error }: Props) {
  return (
    <div className="space-y-3">
      <p>Scan this with an authenticator app, then enter the code that it shows.</p>
      <QrCode {...invitation.qr} label="QR code for an authenticator app; the secret below is the same" />
      <p className="text-xs text-muted">
        Without a camera, type this secret: <code className="font-mono wrap-anywhere text-fg">{invitation.secret}</code>
      </p>
      <CodeField label="Code of the app" code={code} onCode={onCode} error={error} />
    </div>
  );
}

export function CodeField(props: {
  label: string;
  hint?: string;
  code: string;
  onCode: (code: string) => void;
  error: string | undefined;
  /** Where something else has the focus first. */
  focus?: boolean;
}) {
  return (
    <Field label={props.label} hint={props.hint} error={props.error}>
      {(control) => (
        <Input
          {...control}
          name="code"
          required
          autoFocus={props.focus ?? true}
          autoComplete="one-time-code"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={40}
          value={props.code}
          onChange={(event) => props.onCode(event.target.value)}
        />
      )}
    </Field>
  );
}
