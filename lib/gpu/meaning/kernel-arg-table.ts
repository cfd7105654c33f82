/** What a kernel argument means. Whatever is not in these tables is unknown: it asks for an administrator and is not shown. */
export type ArgMeaning = {
  /** The whole name, with `_` for `-`. */
  name: RegExp;
  /** Values of which the meaning is known, and which hold no secret; absent: none. */
  values?: RegExp;
  /** May it stand without a value? */
  flag?: true;
  /** What it does, as the end of a sentence that begins with the argument. */
  does: string;
  /** Where that is written. */
  source: string;
};

const kernelDocs = "kernel: Documentation/admin-guide/kernel-parameters.txt";
const talosDocs = "Talos: reference/kernel";
const number = /^-?(?:0x[0-9a-f]{1,16}|\d{1,18})$/i;
const numbers = /^-?(?:0x[0-9a-f]{1,16}|\d{1,12})(?:,-?(?:0x[0-9a-f]{1,16}|\d{1,12})){0,15}$/i;
const onOff = /^(?:on|off|0|1|y|n)$/i;
const size = /^\d{1,9}[KMGkmg]?$/;
const cpus = /^(?:(?:managed_irq|domain|nohz),)*\d{1,4}(?:-\d{1,4})?(?:,\d{1,4}(?:-\d{1,4})?){0,63}$/;
const gpuDrivers =
  /^(?:nouveau|nova_core|nova_drm|nvidia|nvidiafb|nvidia_drm|nvidia_modeset|nvidia_uvm|amdgpu|radeon|i915|xe|snd_hda_intel)(?:,(?:nouveau|nova_core|nova_drm|nvidia|nvidiafb|nvidia_drm|nvidia_modeset|nvidia_uvm|amdgpu|radeon|i915|xe|snd_hda_intel)){0,9}$/;

/** What operators may put into an image: how a GPU is driven, how memory and processors are shared out, what is shown. */
export const operatorArgs: readonly ArgMeaning[] = [
  {
    name: /^(?:amdgpu|radeon|i915|xe|nouveau|nvidia|nvidia_drm|nvidia_modeset|nvidia_uvm|ttm|drm)\.\w{1,60}$/,
    values: numbers,
    does: "sets a number of a GPU driver",
    source: "kernel: Documentation/gpu; NVIDIA: README, module parameters",
  },
  {
    name: /^(?:i915|xe)\.force_probe$/,
    values: /^(?:\*|!?[0-9a-f]{4})(?:,(?:\*|!?[0-9a-f]{4})){0,15}$/i,
    does: "has an Intel driver take cards that it does not know",
    source: kernelDocs,
  },
  {
    name: /^(?:modprobe\.blacklist|module_blacklist)$/,
    values: gpuDrivers,
    does: "keeps a GPU driver from loading",
    source: kernelDocs,
  },
  {
    name: /^vfio_pci\.ids$/,
    values: /^(?:10de|1002):[0-9a-f]{4}(?:,(?:10de|1002):[0-9a-f]{4}){0,15}$/i,
    does: "sets graphics cards aside for virtual machines",
    source: "kernel: Documentation/driver-api/vfio.rst",
  },
  {
    name: /^(?:amd_iommu|intel_iommu)$/,
    values: /^(?:on|off|fullflush|force_enable|pgtbl_v1|pgtbl_v2|igfx_off|sm_on|sm_off)$/,
    does: "sets how devices reach memory",
    source: kernelDocs,
  },
  {
    name: /^iommu$/,
    values: /^(?:pt|nopt|on|off|soft|force|noforce)$/,
    does: "sets how devices reach memory",
    source: kernelDocs,
  },
  { name: /^iommu\.(?:passthrough|strict)$/, values: onOff, does: "sets how devices reach memory", source: kernelDocs },
  {
    name: /^pci$/,
    values:
      /^(?:noaer|nocrs|use_crs|nommconf|assign_busses|assign-busses|realloc|realloc=on|realloc=off|pcie_bus_(?:tune_off|safe|perf|peer2peer))$/,
    does: "sets how cards are found on the PCI bus",
    source: kernelDocs,
  },
  { name: /^pcie_aspm$/, values: /^(?:off|force)$/, does: "sets how PCI links save power", source: kernelDocs },
  { name: /^pcie_port_pm$/, values: /^(?:off|force)$/, does: "sets how PCI links save power", source: kernelDocs },
  {
    name: /^(?:hugepages|nr_cpus|swiotlb|cma)$/,
    values: size,
    does: "sets how memory and processors are shared out",
    source: kernelDocs,
  },
  {
    name: /^(?:hugepagesz|default_hugepagesz)$/,
    values: /^\d{1,5}[KMG]$/,
    does: "sets the size of huge pages",
    source: kernelDocs,
  },
  {
    name: /^transparent_hugepage$/,
    values: /^(?:always|madvise|never)$/,
    does: "sets the use of huge pages",
    source: kernelDocs,
  },
  {
    name: /^(?:isolcpus|nohz_full|rcu_nocbs|irqaffinity)$/,
    values: cpus,
    does: "sets processors aside",
    source: kernelDocs,
  },
  {
    name: /^(?:processor\.max_cstate|intel_idle\.max_cstate|nmi_watchdog|consoleblank|loglevel|net\.ifnames)$/,
    values: number,
    does: "sets a number of processors, console or names of network links",
    source: kernelDocs,
  },
  {
    name: /^(?:intel_pstate|amd_pstate)$/,
    values: /^(?:active|passive|guided|disable|no_hwp)$/,
    does: "sets how processors save power",
    source: kernelDocs,
  },
  { name: /^numa_balancing$/, values: /^(?:enable|disable)$/, does: "sets the use of memory", source: kernelDocs },
  { name: /^(?:tsc|clocksource)$/, values: /^(?:reliable|tsc|hpet)$/, does: "sets the clock", source: kernelDocs },
  {
    name: /^console$/,
    values: /^(?:tty\d{1,2}|(?:ttyS|ttyAMA|hvc)\d{1,2}(?:,\d{1,7}(?:n8)?)?)$/,
    does: "says where boot messages are shown",
    source: kernelDocs,
  },
  {
    name: /^video$/,
    values: /^(?:efifb:off|vesafb:off|[A-Za-z]{2,8}-?[A-Za-z]?-?\d{0,2}:(?:[ed]|\d{3,5}x\d{3,5}(?:@\d{2,3})?))$/,
    does: "sets the picture on the screen",
    source: kernelDocs,
  },
  {
    name: /^initcall_blacklist$/,
    values: /^sysfb_init$/,
    does: "frees the card from the boot screen",
    source: kernelDocs,
  },
  { name: /^(?:nomodeset|quiet)$/, flag: true, does: "sets the picture on the screen", source: kernelDocs },
  { name: /^talos\.dashboard\.disabled$/, values: onOff, does: "turns off Talos' dashboard", source: talosDocs },
];

const protection = "turns a protection of the kernel on or off";

/** What asks for an administrator: `values` are those that may be shown; the sentence is true of every value. */
export const adminArgs: readonly ArgMeaning[] = [
  {
    name: /^talos\.experimental\.wipe$/,
    values: /^system(?::(?:EPHEMERAL|STATE|META|BOOT|EFI)(?:,(?:EPHEMERAL|STATE|META|BOOT|EFI)){0,4})?$/,
    does: "erases disks at the next start",
    source: talosDocs,
  },
  {
    name: /^talos\.config$/,
    // Only words that say what is asked for, and what Talos fills in itself.
    values:
      /^https?:\/\/[a-z0-9.-]{1,60}(?::\d{1,5})?(?:\/(?:configs?|machine-?configs?|machines?|nodes?|talos|v1|controlplane|worker)){0,4}(?:\.ya?ml)?(?:\?(?:uuid|mac|serial|hostname|code)=(?:\$\{[a-z]{1,8}\})?(?:&(?:uuid|mac|serial|hostname|code)=(?:\$\{[a-z]{1,8}\})?){0,4})?$/,
    does: "has the machine take its whole config from elsewhere, and with it who rules it",
    source: talosDocs,
  },
  {
    name: /^talos\.config\..*$/,
    does: "has the machine take its whole config from elsewhere, and with it who rules it",
    source: talosDocs,
  },
  { name: /^siderolink\..*$/, does: "hands the machine over to another management service", source: talosDocs },
  {
    name: /^talos\.(?:events\.sink|logging\.kernel)$/,
    does: "sends the machine's events or logs to another address",
    source: talosDocs,
  },
  {
    name: /^talos\.environment$/,
    does: "sets variables of Talos' own programs, such as a proxy for all its traffic",
    source: talosDocs,
  },
  {
    name: /^talos\.platform$/,
    values:
      /^(?:metal|container|aws|azure|gcp|hcloud|nocloud|openstack|vmware|digitalocean|equinixMetal|oracle|scaleway|vultr|upcloud|exoscale|cloudstack|opennebula|akamai)$/,
    does: "changes from where the machine takes its config",
    source: talosDocs,
  },
  {
    name: /^talos\.auditd\.disabled$/,
    values: onOff,
    does: "turns off the kernel's audit messages",
    source: talosDocs,
  },
  {
    name: /^talos\.(?:hostname|interface|shutdown|netconfd?|network\..*)$/,
    does: "sets name or network of the machine",
    source: talosDocs,
  },
  {
    name: /^talos\.halt_if_installed$/,
    values: onOff,
    does: "keeps an installed machine from starting",
    source: talosDocs,
  },
  {
    name: /^(?:init|rdinit)$/,
    does: "runs another program than Talos as the machine's first, as root",
    source: kernelDocs,
  },
  {
    name: /^(?:root|rootfstype|rootflags|initrd|ro|rw|dm_mod\.create|dm_verity\..*)$/,
    does: "starts from another file system",
    source: kernelDocs,
  },
  { name: /^(?:ip|nfsroot|nameserver|bond|vlan|dns)$/, does: "sets the machine's network", source: talosDocs },
  {
    name: /^mitigations$/,
    values: /^(?:off|auto|auto,nosmt)$/,
    does: "sets the protection against flaws of the processor",
    source: kernelDocs,
  },
  {
    name: /^(?:selinux|enforcing|apparmor|audit|init_on_alloc|init_on_free|slab_nomerge|randomize_kstack_offset|module\.sig_enforce|page_poison|vsyscall|page_alloc\.shuffle|nokaslr|nosmap|nosmep|kpti|pti|debugfs|sysrq_always_enabled|ima_appraise|lockdown|security|slub_debug|hardened_usercopy|ima_policy|ima_hash|ima_template)$/,
    values:
      /^(?:0|1|on|off|y|n|none|integrity|confidentiality|fix|enforce|selinux|apparmor|no-mount|ima-ng|sha512|tcb)$/,
    flag: true,
    does: protection,
    source: kernelDocs,
  },
  {
    name: /^(?:nospectre_v1|nospectre_v2|spectre_v2|spec_store_bypass_disable|l1tf|mds|tsx|retbleed|srbds|gather_data_sampling)$/,
    values: /^(?:on|off|auto|full|flush|nosmt)$/,
    flag: true,
    does: "sets the protection against flaws of the processor",
    source: kernelDocs,
  },
  { name: /^vfio_iommu_type1\.allow_unsafe_interrupts$/, values: onOff, does: protection, source: kernelDocs },
  {
    name: /^(?:kgdboc|ekgdboc|kgdbwait|kgdbcon|earlycon|netconsole|crashkernel)$/,
    does: "opens the kernel to a debugger, or copies its messages elsewhere",
    source: kernelDocs,
  },
  { name: /^firmware_class\.path$/, does: "has drivers load other firmware", source: kernelDocs },
  {
    name: /^(?:modprobe\.blacklist|module_blacklist)$/,
    does: "keeps drivers from loading, among them those of disks and network",
    source: kernelDocs,
  },
  {
    name: /^vfio_pci\.ids$/,
    does: "takes devices away from the machine, among them disks and network",
    source: kernelDocs,
  },
  {
    name: /^printk\.devkmsg$/,
    values: /^(?:on|off|ratelimit)$/,
    does: "sets who may write to the kernel's log",
    source: kernelDocs,
  },
  {
    name: /^(?:panic|oops|reboot)$/,
    values: number,
    does: "sets what the machine does after a crash",
    source: kernelDocs,
  },
  {
    name: /^(?:mem|memmap|maxcpus|nosmp|noapic|acpi|efi)$/,
    does: "takes memory, processors or firmware away from the machine",
    source: kernelDocs,
  },
  { name: /^--$/, does: "hands everything after it to the machine's first program", source: kernelDocs },
  { name: /^(?:BOOT_IMAGE)$/, does: "names the image that was started", source: kernelDocs },
];
