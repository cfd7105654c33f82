import { declareValuePlugin, PluginKind } from "@stryker-mutator/api/plugin";

/** Two words and a space between: text for a person. Names, ids, codes and formats have none. */
const words = /\p{L}{2,}[,;:]? \p{L}/u;
/** SQL has words and spaces as well, and a fault in it is one. */
const sql = /^\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|PRAGMA|BEGIN|VACUUM|WITH)\b/;
const plain = new Set(["Identifier", "MemberExpression", "OptionalMemberExpression"]);

const textOf = ({ type, value, quasis, expressions }) => {
  if (type === "StringLiteral") return value;
  if (type !== "TemplateLiteral") return null;
  return expressions.every((one) => plain.has(one.type)) ? quasis.map((one) => one.value.raw).join("x") : null;
};

/**
 * A sentence that is shown to people is not replaced by an empty one: a test of it would repeat the sentence, word for word, and
 * say nothing about a rule. A template with logic in its holes is mutated like all other code.
 */
const sentences = {
  shouldIgnore(at) {
    const text = textOf(at.node);
    const tagged = at.parent?.type === "TaggedTemplateExpression";
    return text !== null && !tagged && words.test(text) && !sql.test(text) ? "a sentence for people" : undefined;
  },
};

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, "sentences", sentences)];
