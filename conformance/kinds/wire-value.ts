/**
 * A message's value as plain JSON, in the judge's words (`judge/wire.go`): members by field name, whole numbers of 64 bits as text, bytes in
 * base64, enums by number; what is unset is absent.
 */
export type WireValue = { [field: string]: unknown };
