import { MemberSpec } from "@/lib/talos/gen/resource/definitions/etcd";
import { StatusSpec } from "@/lib/talos/gen/resource/definitions/time";
import { ServiceSpec } from "@/lib/talos/gen/resource/definitions/v1alpha1";
import { defineKind } from "../kind";

/** Only services that run have one. */
export const services = defineKind({
  type: "Services.v1alpha1.talos.dev",
  namespace: "runtime",
  owner: "v1alpha1.ServiceController",
  message: ServiceSpec,
  yaml: ({ running, healthy, unknown }) => ({ running, healthy, unknown }),
});

export const timeStatuses = defineKind({
  type: "TimeStatuses.v1alpha1.talos.dev",
  namespace: "runtime",
  owner: "time.SyncController",
  message: StatusSpec,
  yaml: ({ synced, epoch, syncDisabled }) => ({ synced, epoch, syncDisabled }),
});

export const etcdMembers = defineKind({
  type: "EtcdMembers.etcd.talos.dev",
  namespace: "etcd",
  owner: "etcd.MemberController",
  message: MemberSpec,
  yaml: ({ memberId }) => ({ memberID: memberId }),
});
