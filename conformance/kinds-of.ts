import type { AnyKind } from "./kind";
import { authorities } from "./kinds/authorities";
import { configsFor } from "./kinds/configs";
import { credentialsFor } from "./kinds/credentials";
import { fields } from "./kinds/fields";
import { hostileConfigsFor } from "./kinds/hostile-configs";
import { hostilePatchesFor } from "./kinds/hostile-patches";
import { patchesFor } from "./kinds/patches";
import { hostileSchematics } from "./kinds/schematic/hostile-schematics";
import { schematics } from "./kinds/schematic/schematics";
import { secretsFor } from "./kinds/secrets";
import { validationFor } from "./kinds/validation";
import { validConfigsFor } from "./kinds/valid-configs";
import { wire } from "./kinds/wire";
import { judged } from "./run-kind";

/** Talos releases whose libraries judge, the newest first. */
export const releases = ["1.14", "1.13", "1.12"] as const;
export type Release = (typeof releases)[number];

/** What the libraries of a release judge. The Image Factory's library and certificates do not depend on the release. */
export const kindsOf = (release: Release): AnyKind[] => [
  fields,
  judged(secretsFor(release)),
  judged(configsFor(release)),
  judged(validConfigsFor(release)),
  validationFor(release),
  judged(patchesFor(release)),
  judged(hostileConfigsFor(release)),
  judged(hostilePatchesFor(release)),
  judged(wire),
  judged(credentialsFor(release)),
  ...(release === "1.14" ? [judged(authorities), judged(schematics), judged(hostileSchematics)] : []),
];
