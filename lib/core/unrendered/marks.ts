/** What another tool should have put in the place of a mark. */
export type UnrenderedKind = "variable" | "template" | "reference" | "encrypted" | "placeholder";

/** `mark` is what may be shown of it: names of variables, never a default or the rest of the text. */
export type UnrenderedMark = { kind: UnrenderedKind; mark: string };

type Finder = { kind: UnrenderedKind; pattern: RegExp; shown: (found: string) => string };

/** Longer texts are data; this bounds the time that a hostile one takes. */
const maxLooked = 10_000;

const always = (mark: string) => () => mark;
const name = /^[A-Za-z_][\w.[\]-]{0,80}/;

/** `${NAME}` of `${NAME:=a default, which may be a secret}`. */
function variable(found: string): string {
  const inner = found.replace(/^\$+[{(]\s*/, "");
  const close = found.includes("{") ? "}" : ")";
  const known = name.exec(inner)?.[0];
  const whole = known !== undefined && /^\s*[})]|^:?[-=?+]/.test(inner.slice(known.length));
  return `$${found.includes("{") ? "{" : "("}${whole ? known : "…"}${close}`;
}

/** Marks of text templates: Go, Jinja, Helm, Handlebars; Jinja blocks and comments; ERB; Terraform; makejinja. */
export const templateMarks: readonly (readonly [RegExp, string])[] = [
  [/\{\{[^\n]{0,300}?\}\}/, "{{ … }}"],
  [/\{%[^\n]{0,300}?%\}/, "{% … %}"],
  [/\{#[^\n]{0,300}?#\}/, "{# … #}"],
  [/<%[^\n]{0,300}?%>/, "<% … %>"],
  [/%\{\s*(?:if|for|else|endif|endfor)\b[^\n]{0,300}?\}/, "%{ … }"],
  [/#\{[^\n]{0,300}?\}#/, "#{ … }#"],
  [/#%[^\n]{0,300}?%#/, "#% … %#"],
];

const finders: readonly Finder[] = [
  { kind: "encrypted", pattern: /ENC\[AES256_GCM,/, shown: always("ENC[AES256_GCM,…]") },
  { kind: "encrypted", pattern: /\$ANSIBLE_VAULT;/, shown: always("$ANSIBLE_VAULT") },
  { kind: "encrypted", pattern: /-----BEGIN AGE ENCRYPTED FILE-----/, shown: always("AGE ENCRYPTED FILE") },
  { kind: "encrypted", pattern: /-----BEGIN PGP MESSAGE-----/, shown: always("PGP MESSAGE") },
  // `{{ op://vault/item/field }}` of op inject: the template is what has to be rendered.
  ...templateMarks.map(([pattern, mark]): Finder => ({ kind: "template", pattern, shown: always(mark) })),
  { kind: "template", pattern: /^\(\(\s.*\s\)\)$/, shown: always("(( … ))") },
  { kind: "template", pattern: /\[\[\s[.A-Za-z_][^\n]{0,300}?\s\]\]/, shown: always("[[ … ]]") },
  { kind: "variable", pattern: /^\(\([A-Za-z_][\w.:/-]{0,80}\)\)$/, shown: (found) => found },
  {
    kind: "reference",
    pattern:
      /(?:^|[^A-Za-z0-9+.-])(?:op|pass|bws|doppler|infisical|akeyless|keeper|secretsmanager|ssm|awssm|awssecrets|gcpsm|azurekeyvault):\/{2,3}[^/\s]/,
    shown: (found) => `${/[a-z]+:\/\//.exec(found)?.[0] ?? ""}…`,
  },
  { kind: "reference", pattern: /\b(?:ref|secretref)\+[a-z0-9]+:\/\//, shown: (found) => `${found}…` },
  { kind: "reference", pattern: /<path:[^>\n]{0,300}>/, shown: always("<path:…>") },
  { kind: "reference", pattern: /^>?>?vault:[\w./-]+#/, shown: always("vault:…#…") },
  { kind: "variable", pattern: /\$\{[^}\n]{0,300}\}/, shown: variable },
  { kind: "variable", pattern: /\$\([^)\n]{1,300}\)/, shown: variable },
  // Without braces only a word in capitals that stands alone: a password may hold a dollar.
  {
    kind: "variable",
    pattern: /(?<![^/:@=,\s])\$[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?![^:/,.@\s])/,
    shown: (found) => found,
  },
  { kind: "variable", pattern: /^\$[A-Z][A-Z0-9]{2,}$/, shown: (found) => found },
  {
    kind: "variable",
    pattern: /^(?:%[A-Z][A-Z0-9_]*%|@@?[A-Z][A-Z0-9_]*@@?|__[A-Z][A-Z0-9_]*__)$/,
    shown: (found) => found,
  },
  { kind: "placeholder", pattern: /^(?:REPLACE|CHANGE|FILL)[_-]?(?:ME|THIS|IN)$/i, shown: (found) => found },
  { kind: "placeholder", pattern: /^YOUR[_-][A-Z0-9_-]{1,60}$/, shown: (found) => found },
  { kind: "placeholder", pattern: /<[A-Za-z][\w .-]{0,60}>/, shown: (found) => found },
];

/**
 * The first mark of a tool that was not run in the text of one scalar, or null. It judges the text alone: whether the field
 * may rightly hold it (a manifest, a udev rule) is the caller's to know.
 */
export function unrenderedMark(text: string): UnrenderedMark | null {
  const start = text.slice(0, maxLooked);
  for (const { kind, pattern, shown } of finders) {
    const found = pattern.exec(start);
    if (found) return { kind, mark: shown(found[0]) };
  }
  return null;
}

/** Is the text nothing but one mark? Then it stands for the whole value, in fields of free text too. */
export function isMarkAlone(text: string): boolean {
  const trimmed = text.slice(0, maxLooked).trim();
  return finders.some(({ pattern }) => pattern.exec(trimmed)?.[0] === trimmed) || trimmed.startsWith("ENC[AES256_GCM,");
}

const words: Record<UnrenderedKind, (mark: string) => string> = {
  variable: (mark) => `a variable was not filled in (${mark})`,
  template: (mark) => `a template was not rendered (${mark})`,
  reference: (mark) => `a secret reference was not resolved (${mark})`,
  encrypted: (mark) => `the value is still encrypted (${mark})`,
  placeholder: (mark) => `a placeholder was not replaced (${mark})`,
};

/** “a variable was not filled in (${NODE_SUBNET})”: no capital, no full stop. */
export const markWords = ({ kind, mark }: UnrenderedMark): string => words[kind](mark);

const ways: Record<UnrenderedKind, string> = {
  variable:
    "Fill it in with the tool that the file is written for (envsubst, talhelper, Flux, Terraform), then give the result.",
  template: "Render it with the tool that the file is written for, then give the result.",
  reference: "Resolve it first, for example with op inject or vals eval, then give the result.",
  encrypted: "Decrypt it first, for example with sops -d, then give the result.",
  placeholder: "Replace it with the value that it stands for.",
};

/** What to do about a mark, one sentence. */
export const markHint = ({ kind }: UnrenderedMark): string => ways[kind];
