const bytes = 128 * 1024;

const fill = (line: (at: number) => string): string => {
  const lines: string[] = [];
  for (let [at, size] = [0, 0]; size < bytes; at += 1) {
    const next = line(at);
    size += next.length;
    lines.push(next);
  }
  return lines.join("");
};

/** 128 KiB of a machine config that is made to cost whoever parses it. */
export const yamlBomb = (kind: "many-keys" | "deep-config" | "alias-config"): string =>
  ({
    "many-keys": () => `version: v1alpha1\nmachine:\n  sysctls:\n${fill((at) => `    k.a${at}: "${at}"\n`)}`,
    "deep-config": () =>
      `version: v1alpha1\nmachine:\n  files:\n${fill(() => `    - ${"[".repeat(200)}${"]".repeat(200)}\n`)}`,
    "alias-config": () =>
      `version: v1alpha1\nx: &a0 [${"1,".repeat(50)}]\n${fill((at) => `y${at}: &a${at + 1} [*a${at}, *a${at}]\n`)}`,
  })[kind]();
