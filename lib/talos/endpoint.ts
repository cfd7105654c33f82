import { AppError } from "@/lib/core/errors";
import { markHint, markWords, unrenderedMark } from "@/lib/core/unrendered/marks";
import { parseAddress } from "@/lib/talos/address";
import { cleanText } from "@/lib/talos/text";

/** What else listens on a control plane, unless a config says otherwise (Talos v1.14 `pkg/machinery/constants/constants.go`). */
const otherPorts: ReadonlyMap<string, string> = new Map([
  ["6443", "the Kubernetes API"],
  ["7445", "KubePrism"],
  ["2379", "etcd"],
  ["2380", "etcd"],
  ["10250", "the kubelet"],
]);

/** What people write where an address is to come: `x.x.x.x`, `10.0.0.x`, `YOUR-IP`, `CHANGEME`, `CONTROL_PLANE_IP`. */
const placeholder =
  /^(?:[xX]{1,3}(?:\.[xX]{1,3}){1,3}|(?:\d{1,3}\.){1,3}[xX]{1,3}|[yY](?:our|OUR)[-_].*|(?:change|replace)[-_]?me|(?:CHANGE|REPLACE)[-_]?ME|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|TODO|TBD|FIXME|\.{2,})$/;

const addressesOnly = "Endpoints are addresses of control planes, without a scheme: 10.5.0.2, or 10.5.0.2:50000.";

/**
 * An endpoint or node of a talosconfig as `host` or `host:port`. `https://host` means port 443, as talosctl reads it
 * (`pkg/machinery/client/connection.go`).
 *
 * @param where begins the sentence: “Context “home”: the endpoint”.
 * @throws AppError `invalid-input` for what is no address, for the Kubernetes API's, and for one that was never filled in.
 */
export function readTalosEndpoint(text: string, where: string): string {
  const shown = `${where} “${cleanText(text, { max: 100 })}”`;
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  const authority = scheme === undefined ? text : (text.slice(scheme.length + 3).split(/[/?#]/, 1)[0] ?? "");
  const host = authority.replace(/:\d*$/, "");
  if (placeholder.test(host))
    throw new AppError("invalid-input", `${shown} is a placeholder, not the address of a machine.`, {
      hint: addressesOnly,
    });
  const mark = unrenderedMark(text);
  if (mark)
    throw new AppError("invalid-input", `${shown} cannot be used: ${markWords(mark)}.`, { hint: markHint(mark) });
  const port = /:(\d+)$/.exec(authority)?.[1] ?? "";
  const other = otherPorts.get(port);
  if (other !== undefined)
    throw new AppError(
      "invalid-input",
      `${shown} is the address of ${other} (port ${port}). Endpoints of a talosconfig are addresses of control planes, without a scheme; Talos listens on 50000.`,
      {
        hint: `Write it as ${cleanText(authority.slice(0, -port.length - 1), { max: 100 })}, if that is a control plane.`,
      },
    );
  if (scheme !== undefined && scheme !== "https")
    throw new AppError("invalid-input", `${shown} has the scheme ${scheme}://, which Talos does not speak.`, {
      hint: addressesOnly,
    });
  if (scheme === undefined) {
    parseAddress(text);
    return text;
  }
  const address = parseAddress(authority);
  if (authority.endsWith(`:${address.port}`)) return address.text;
  return `${address.host.includes(":") ? `[${address.host}]` : address.host}:443`;
}
