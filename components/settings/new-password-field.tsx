import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";

type Props = {
  label?: string;
  /** After what a password has to be. */
  hint?: string;
  error: string | undefined;
  value: string;
  onChange: (value: string) => void;
};

/** Where a password is chosen, one's own or somebody's. */
export function NewPasswordField({ label = "New password", hint, error, value, onChange }: Props) {
  return (
    <Field label={label} hint={["At least 12 characters.", hint].filter(Boolean).join(" ")} error={error}>
      {(control) => (
        <Input
          {...control}
          type="password"
          autoComplete="new-password"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
