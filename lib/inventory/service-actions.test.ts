import { expect, it } from "vitest";
import { allowsServiceAction, restartRefusal } from "./service-actions";

const never = ["apid", "auditd", "containerd", "cri", "dashboard", "etcd", "machined", "sandboxd", "syslogd", "trustd"];

it.each([...never, "udevd", "kubelet-x", "my-ext-service"])(
  "%s is none that the API starts, stops or restarts",
  (id) => {
    for (const action of ["start", "stop", "restart"] as const) expect(allowsServiceAction(id, action)).toBe(false);
    expect(restartRefusal(id)).toContain(`does not restart ${id} by its API`);
  },
);

it("the kubelet is started and restarted, and not stopped; an extension's service is anything", () => {
  expect(["start", "stop", "restart"].map((action) => allowsServiceAction("kubelet", action as "start"))).toEqual([
    true,
    false,
    true,
  ]);
  for (const action of ["start", "stop", "restart"] as const)
    expect(allowsServiceAction("ext-nvidia-persistenced", action)).toBe(true);
  expect(restartRefusal("kubelet")).toBeNull();
  expect(restartRefusal("ext-iscsid")).toBeNull();
});
