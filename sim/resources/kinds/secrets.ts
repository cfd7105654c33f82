import type {
  PEMEncodedCertificate,
  PEMEncodedCertificateAndKey,
  PEMEncodedKey,
  URL as WireUrl,
} from "@/lib/talos/gen/common/common";
import * as message from "@/lib/talos/gen/resource/definitions/secrets";
import { atLeast } from "../../factory/releases";
import { ipText } from "../addresses";
import { defineKind } from "../kind";

const namespace = "secrets";
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
const pair = (value: PEMEncodedCertificateAndKey | undefined) =>
  value ? { crt: base64(value.crt), key: base64(value.key) } : null;
const certificate = ({ crt }: PEMEncodedCertificate) => ({ crt: base64(crt) });
const key = (value: PEMEncodedKey | undefined) => (value ? { key: base64(value.key) } : null);

/** A Go URL has no YAML of its own: its fields are written. */
function url(value: WireUrl | undefined) {
  if (!value) return null;
  const { protocol, host, pathname } = new URL(value.fullPath);
  return {
    scheme: protocol.slice(0, -1),
    opaque: "",
    user: null,
    host,
    path: pathname === "/" ? "" : pathname,
    fragment: "",
    rawquery: "",
    rawpath: "",
    rawfragment: "",
    forcequery: false,
    omithost: false,
  };
}

export const osRootSecrets = defineKind({
  type: "OSRootSecrets.secrets.talos.dev",
  namespace,
  owner: "secrets.RootOSController",
  sensitive: true,
  message: message.OSRootSpec,
  yaml: (spec) => ({
    issuingCA: pair(spec.issuingCa),
    acceptedCAs: spec.acceptedCAs.map(certificate),
    certSANIPs: spec.certSaniPs.map(ipText),
    certSANDNSNames: spec.certSandnsNames,
    token: spec.token,
  }),
});

export const etcdRootSecrets = defineKind({
  type: "EtcdRootSecrets.secrets.talos.dev",
  namespace,
  owner: "secrets.RootEtcdController",
  sensitive: true,
  message: message.EtcdRootSpec,
  yaml: ({ etcdCa }) => ({ etcdCA: pair(etcdCa) }),
});

export const kubernetesRootSecrets = defineKind({
  type: "KubernetesRootSecrets.secrets.talos.dev",
  namespace,
  owner: "secrets.RootKubernetesController",
  sensitive: true,
  message: message.KubernetesRootSpec,
  yaml: (spec, release) => {
    const late = atLeast(release, "1.14.0");
    return {
      name: spec.name,
      endpoint: url(spec.endpoint),
      local_endpoint: url(spec.localEndpoint),
      certSANs: spec.certSaNs,
      apiServerIPs: spec.apiServerIps.map(ipText),
      dnsDomain: spec.dnsDomain,
      issuingCA: pair(spec.issuingCa),
      acceptedCAs: spec.acceptedCAs.map(certificate),
      aggregatorCA: pair(spec.aggregatorCa),
      acceptedAggregatorCAs: late ? spec.acceptedAggregatorCAs.map(certificate) : undefined,
      serviceAccount: key(spec.serviceAccount),
      serviceAccountAcceptedKeys: late ? spec.serviceAccountAcceptedKeys.map(key) : undefined,
      issuerURL: late ? spec.issuerUrl : undefined,
      acceptedIssuers: late ? spec.acceptedIssuers : undefined,
      apiAudiences: late ? spec.apiAudiences : undefined,
      aesCBCEncryptionSecret: spec.aescbcEncryptionSecret,
      bootstrapTokenID: spec.bootstrapTokenId,
      bootstrapTokenSecret: spec.bootstrapTokenSecret,
      secretboxEncryptionSecret: spec.secretboxEncryptionSecret,
      etcdEncryptionConfig: late ? {} : undefined,
    };
  },
});
