/** What a sysctl means; names with dots. Whatever is not in the tables asks for an administrator. */
type SysctlMeaning = { name: RegExp; values: RegExp; does: string; source: string };

const number = /^-?\d{1,15}$/;
const three = /^\d{1,12}(?:[ \t]\d{1,12}){2}$/;
const vmDocs = "kernel: Documentation/admin-guide/sysctl/vm.rst";
const fsDocs = "kernel: Documentation/admin-guide/sysctl/fs.rst";
const netDocs = "kernel: Documentation/networking/ip-sysctl.rst, admin-guide/sysctl/net.rst";
const kernelDocs = "kernel: Documentation/admin-guide/sysctl/kernel.rst";

/** What operators may set: sizes and counts of memory, files and network buffers. */
const operatorSysctls: readonly SysctlMeaning[] = [
  {
    name: /^vm\.(?:nr_hugepages|nr_overcommit_hugepages|max_map_count|swappiness|min_free_kbytes|vfs_cache_pressure|zone_reclaim_mode|compaction_proactiveness|watermark_scale_factor|dirty_(?:background_)?(?:ratio|bytes)|dirty_(?:expire|writeback)_centisecs|overcommit_(?:memory|ratio|kbytes))$/,
    values: number,
    does: "sets how memory is used",
    source: vmDocs,
  },
  {
    name: /^fs\.(?:file-max|nr_open|aio-max-nr|inotify\.max_(?:user_instances|user_watches|queued_events))$/,
    values: number,
    does: "sets how many files may be open or watched",
    source: fsDocs,
  },
  {
    name: /^net\.core\.(?:[rw]mem_(?:max|default)|optmem_max|somaxconn|netdev_max_backlog|netdev_budget|busy_poll|busy_read)$/,
    values: number,
    does: "sets the size of network buffers",
    source: netDocs,
  },
  {
    name: /^net\.ipv4\.(?:tcp|udp)_(?:[rw]mem|mem)$/,
    values: three,
    does: "sets the size of network buffers",
    source: netDocs,
  },
  {
    name: /^net\.ipv4\.tcp_(?:keepalive_(?:time|intvl|probes)|fin_timeout|max_syn_backlog|mtu_probing|slow_start_after_idle|notsent_lowat|tw_reuse)$/,
    values: number,
    does: "sets the timing of connections",
    source: netDocs,
  },
  {
    name: /^net\.ipv4\.tcp_congestion_control$/,
    values: /^(?:bbr|cubic|reno|dctcp)$/,
    does: "sets the timing of connections",
    source: netDocs,
  },
  {
    name: /^net\.core\.default_qdisc$/,
    values: /^(?:fq|fq_codel|cake|pfifo_fast)$/,
    does: "sets the timing of connections",
    source: netDocs,
  },
  { name: /^net\.core\.bpf_jit_harden$/, values: /^[12]$/, does: "hardens compiled network filters", source: netDocs },
  {
    name: /^net\.netfilter\.nf_conntrack_(?:max|buckets)$/,
    values: number,
    does: "sets how many connections are followed",
    source: netDocs,
  },
  {
    name: /^kernel\.(?:pid_max|threads-max|numa_balancing|shmmax|shmall|shmmni)$/,
    values: number,
    does: "sets how many programs and how much shared memory there may be",
    source: kernelDocs,
  },
];

/** What is known to give power over the machine, in words. */
const powers: readonly [name: RegExp, does: string][] = [
  [/^kernel\.core_(?:pattern|uses_pid|pipe_limit)$/, "runs a program as root on a crash, or writes files anywhere"],
  [/^kernel\.(?:modprobe|hotplug|poweroff_cmd|usermodehelper\..*)$/, "names a program that the kernel runs as root"],
  [
    /^kernel\.(?:kptr_restrict|dmesg_restrict|unprivileged_bpf_disabled|perf_event_paranoid|yama\..*|kexec_load_disabled|randomize_va_space|modules_disabled|sysrq)$/,
    "turns a protection of the kernel on or off",
  ],
  [
    /^kernel\.(?:panic|panic_on_oops|panic_on_warn|hung_task_panic|softlockup_panic)$/,
    "sets what the machine does after a crash",
  ],
  [
    /^(?:vm\.mmap_min_addr|fs\.suid_dumpable|fs\.protected_.*|user\..*|net\.core\.bpf_jit_.*|vm\.unprivileged_userfaultfd|dev\..*|abi\..*)$/,
    "turns a protection of the kernel on or off",
  ],
  [/^vm\.(?:panic_on_oom|oom_.*|drop_caches|overcommit_.*)$/, "sets what dies when memory is short"],
  [/^fs\.binfmt_misc\..*$/, "names a program that runs in place of others"],
  [
    /^net\..*(?:forward|rp_filter|accept_|send_redirects|secure_redirects|proxy_arp|log_martians|disable_ipv6|syncookies).*$/,
    "changes whose packets the machine takes and passes on",
  ],
];

/** Talos writes to `/proc/sys/` with dots as slashes, so both are one; a path that leads elsewhere is no name. */
const nameOf = (key: string): string => key.replaceAll("/", ".");

/** What a sysctl does that an operator may not decide, as the end of a sentence; null for one that operators may set. */
export function powerOfSysctl(key: string, value: string): string | null {
  const name = nameOf(key);
  if (/\.\.|^\.|\.$/.test(name)) return "writes to a file outside of the kernel's settings";
  if (operatorSysctls.some((meaning) => meaning.name.test(name) && meaning.values.test(value))) return null;
  const power = powers.find(([pattern]) => pattern.test(name));
  return power?.[1] ?? "is not known here, so it may change anything of the machine";
}
