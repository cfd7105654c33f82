import type { CatalogueRow } from "./pci-catalogue";

/** Intel display ids (vendor 8086) by platform, as the kernel groups them (include/drm/intel/pciids.h); newer ones are unknown here. */
export const intelCatalogue: readonly CatalogueRow[] = [
  ["0102 0106 010a 0112 0116 0122 0126", "HD Graphics 2000/3000", "Gen6", "Sandy Bridge"],
  ["0152 0156 015a 0162 0166 016a", "HD Graphics 2500/4000", "Gen7", "Ivy Bridge"],
  ["0f30 0f31 0f32 0f33", "HD Graphics", "Gen7", "Bay Trail"],
  [
    "0402 0406 040a 040b 040e 0412 0416 041a 041b 041e 0422 0426 042a 042b 042e 0a02 0a06 0a0a 0a0b 0a0e 0a12 0a16 0a1a 0a1b 0a1e 0a22 0a26 0a2a 0a2b 0a2e 0c02 0c06 0c0a 0c0b 0c0e 0c12 0c16 0c1a 0c1b 0c1e 0c22 0c26 0c2a 0c2b 0c2e 0d02 0d06 0d0a 0d0b 0d0e 0d12 0d16 0d1a 0d1b 0d1e 0d22 0d26 0d2a 0d2b 0d2e",
    "HD Graphics 4xxx",
    "Gen7.5",
    "Haswell",
  ],
  [
    "1602 1606 160a 160b 160d 160e 1612 1616 161a 161b 161d 161e 1622 1626 162a 162b 162d 162e",
    "HD Graphics 5xxx",
    "Gen8",
    "Broadwell",
  ],
  ["22b0 22b1 22b2 22b3", "HD Graphics", "Gen8", "Braswell"],
  [
    "1902 1906 190a 190b 190e 1912 1913 1915 1916 1917 191a 191b 191d 191e 1921 1923 1926 1927 192a 192b 192d 1932 193a 193b 193d",
    "HD Graphics 5xx",
    "Gen9",
    "Skylake",
  ],
  ["0a84 1a84 1a85 5a84 5a85", "HD Graphics 50x", "Gen9", "Apollo Lake"],
  ["3184 3185", "UHD Graphics 600/605", "Gen9", "Gemini Lake"],
  [
    "5902 5906 5908 590a 590b 590e 5912 5913 5915 5916 5917 591a 591b 591c 591d 591e 5921 5923 5926 5927 593b 87c0",
    "HD Graphics 6xx",
    "Gen9",
    "Kaby Lake",
  ],
  [
    "3e90 3e91 3e92 3e93 3e94 3e96 3e98 3e99 3e9a 3e9b 3e9c 3ea0 3ea1 3ea2 3ea3 3ea4 3ea5 3ea6 3ea7 3ea8 3ea9 87ca",
    "UHD Graphics 6xx",
    "Gen9",
    "Coffee Lake",
  ],
  [
    "9b21 9b41 9ba2 9ba4 9ba5 9ba8 9baa 9bac 9bc2 9bc4 9bc5 9bc6 9bc8 9bca 9bcc 9be6 9bf6",
    "UHD Graphics 6xx",
    "Gen9",
    "Comet Lake",
  ],
  [
    "8a50 8a51 8a52 8a53 8a54 8a56 8a57 8a58 8a59 8a5a 8a5b 8a5c 8a5d 8a70 8a71",
    "Iris Plus Graphics",
    "Gen11",
    "Ice Lake",
  ],
  ["4541 4551 4555 4557 4570 4571", "UHD Graphics", "Gen11", "Elkhart Lake"],
  ["4e51 4e55 4e57 4e61 4e71", "UHD Graphics", "Gen11", "Jasper Lake"],
  ["9a40 9a49 9a59 9a60 9a68 9a70 9a78 9ac0 9ac9 9ad9 9af8", "Iris Xe Graphics", "Xe-LP", "Tiger Lake"],
  ["4c80 4c8a 4c8b 4c8c 4c90 4c9a", "UHD Graphics 7xx", "Xe-LP", "Rocket Lake"],
  ["4905 4906 4907 4908 4909", "Iris Xe MAX", "Xe-LP", "DG1"],
  ["4680 4682 4688 468a 468b 4690 4692 4693", "UHD Graphics 7xx", "Xe-LP", "Alder Lake-S"],
  [
    "4626 4628 462a 46a0 46a1 46a2 46a3 46a6 46a8 46aa 46b0 46b1 46b2 46b3 46c0 46c1 46c2 46c3",
    "Iris Xe Graphics",
    "Xe-LP",
    "Alder Lake-P",
  ],
  ["46d0 46d1 46d2 46d3 46d4", "UHD Graphics", "Xe-LP", "Alder Lake-N"],
  ["a780 a781 a782 a783 a788 a789 a78a a78b", "UHD Graphics 7xx", "Xe-LP", "Raptor Lake-S"],
  ["a720 a721 a7a0 a7a1 a7a8 a7a9 a7aa a7ab a7ac a7ad", "Iris Xe Graphics", "Xe-LP", "Raptor Lake-P"],
  ["7d40 7d45 7d55 7d60 7dd5", "Arc Graphics", "Xe-LPG", "Meteor Lake"],
  ["7d41 7d51 7d67 7dd1 b640", "Arc Graphics", "Xe-LPG", "Arrow Lake"],
  ["56a0", "Arc A770", "Alchemist", "DG2-512"],
  ["56a1", "Arc A750", "Alchemist", "DG2-512"],
  ["56a2", "Arc A580", "Alchemist", "DG2-512"],
  ["56a5", "Arc A380", "Alchemist", "DG2-128"],
  ["56a6", "Arc A310", "Alchemist", "DG2-128"],
  ["5690", "Arc A770M", "Alchemist", "DG2-512"],
  ["5691", "Arc A730M", "Alchemist", "DG2-512"],
  ["5692", "Arc A550M", "Alchemist", "DG2-512"],
  ["5693", "Arc A370M", "Alchemist", "DG2-128"],
  ["5694", "Arc A350M", "Alchemist", "DG2-128"],
  ["56b0 56b1", "Arc Pro A30M/A40/A50", "Alchemist", "DG2-128"],
  ["56b2 56b3", "Arc Pro A60", "Alchemist", "DG2-256"],
  ["56a3 56a4 56ba 56bb 56bc 56bd 56be 56bf 5695 5696 5697", "Arc A-series", "Alchemist", "DG2"],
  ["56c0 56c2", "Data Center GPU Flex 170", "Alchemist", "DG2-512"],
  ["56c1", "Data Center GPU Flex 140", "Alchemist", "DG2-128"],
  [
    "0b69 0b6e 0bd4 0bd5 0bd6 0bd7 0bd8 0bd9 0bda 0bdb 0be0 0be1 0be5",
    "Data Center GPU Max",
    "Ponte Vecchio",
    "Ponte Vecchio",
  ],
  ["6420 64a0 64b0", "Arc Graphics 130V/140V", "Xe2-LPG", "Lunar Lake"],
  ["e20b", "Arc B580", "Battlemage", "BMG-G21"],
  ["e20c", "Arc B570", "Battlemage", "BMG-G21"],
  ["e211", "Arc Pro B60", "Battlemage", "BMG-G21"],
  ["e212", "Arc Pro B50", "Battlemage", "BMG-G21"],
  ["e202 e209 e20d e210 e215 e216 e220 e221 e222 e223", "Arc B-series", "Battlemage", "BMG"],
  ["b080 b081 b082 b083 b084 b085 b086 b087 b08f b090 b0a0 b0b0 fd80 fd81", "Arc Graphics", "Xe3-LPG", "Panther Lake"],
];

/** Generations that the kernel binds to `xe` by default, and `i915` does not know. */
export const xeGenerations: readonly string[] = ["Xe2-LPG", "Battlemage", "Xe3-LPG"];

/** Generations that `xe` knows, but leaves to `i915` unless `xe.force_probe` names the card (drivers/gpu/drm/xe/xe_pci.c). */
export const sharedGenerations: readonly string[] = ["Xe-LP", "Xe-LPG", "Alchemist"];
