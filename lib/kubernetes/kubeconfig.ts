import { isNestedTooDeep } from "@/lib/core/yaml-nesting";
import { parsePlainYaml } from "@/lib/core/yaml-plain";
import { z } from "zod";
import { AppError } from "@/lib/core/errors";

/** What a connection needs, all of it inline: nothing is read from files, the environment or helper programs. */
export type KubernetesCredentials = {
  server: string;
  caPem: string;
  serverName: string | null;
  certificatePem: string | null;
  keyPem: string | null;
  token: string | null;
};

const base64Pem = z
  .string()
  .max(64 * 1024)
  .transform((text) => Buffer.from(text, "base64").toString("utf8"))
  .refine((text) => text.includes("-----BEGIN "), "is not base64 of PEM");

const kubeconfig = z.object({
  "current-context": z.string().optional(),
  contexts: z
    .array(z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.string() }) }))
    .min(1),
  clusters: z
    .array(
      z.object({
        name: z.string(),
        cluster: z.object({
          server: z.string().max(2048),
          "certificate-authority-data": base64Pem,
          "tls-server-name": z.string().optional(),
        }),
      }),
    )
    .min(1),
  users: z
    .array(
      z.object({
        name: z.string(),
        user: z.object({
          "client-certificate-data": base64Pem.optional(),
          "client-key-data": base64Pem.optional(),
          token: z
            .string()
            .max(16 * 1024)
            .optional(),
        }),
      }),
    )
    .min(1),
});

const bad = (why: string): AppError =>
  new AppError("invalid-input", `The kubeconfig cannot be used: ${why}.`, {
    hint: "Fetch a new one with talosctl kubeconfig; it must hold its certificates inline.",
  });

function httpsOrigin(server: string): string {
  if (!URL.canParse(server)) throw bad("its server is no URL");
  const url = new URL(server);
  if (url.protocol !== "https:") throw bad("its server does not use HTTPS");
  if (url.username || url.password) throw bad("its server's URL holds a password");
  return url.origin + url.pathname.replace(/\/+$/, "");
}

/**
 * Reads the current context of a kubeconfig. Only inline certificates and tokens are taken: `exec` helpers, file names,
 * proxies and `insecure-skip-tls-verify` are never followed, since a kubeconfig comes from outside.
 * @throws AppError `invalid-input` that says what is wrong, never quoting the document.
 */
export function parseKubeconfig(text: string): KubernetesCredentials {
  if (text.length > 1024 * 1024) throw bad("it is larger than 1 MiB");
  if (isNestedTooDeep(text)) throw bad("it is nested too deep");
  const read = parsePlainYaml(text, "core");
  if (read.state === "unreadable") throw bad("it is not valid YAML");
  if (read.state === "aliases") throw bad("it uses YAML aliases in a way that is not accepted");
  if (read.state === "too-large") throw bad(read.problem);
  const parsed = kubeconfig.safeParse(read.value);
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path.join(".") ?? "";
    throw bad(path ? `${path} is missing or malformed` : "it has no contexts");
  }
  const config = parsed.data;
  const wanted = config["current-context"];
  const context = config.contexts.find(({ name }) => name === wanted) ?? config.contexts[0];
  const cluster = config.clusters.find(({ name }) => name === context?.context.cluster)?.cluster;
  const user = config.users.find(({ name }) => name === context?.context.user)?.user;
  if (!cluster || !user) throw bad("its current context names a cluster or user that it does not hold");
  const certificatePem = user["client-certificate-data"] ?? null;
  const keyPem = user["client-key-data"] ?? null;
  const token = user.token ?? null;
  if (!token && !(certificatePem && keyPem))
    throw bad("its user has neither a client certificate with key nor a token");
  return {
    server: httpsOrigin(cluster.server),
    caPem: cluster["certificate-authority-data"],
    serverName: cluster["tls-server-name"] ?? null,
    certificatePem,
    keyPem,
    token,
  };
}
