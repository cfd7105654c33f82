import { documentOfKind, legacyDocument, type MachineConfigDocument, valueAt } from "./documents";

/**
 * The image that a config installs, and where it stands: `UnattendedInstallConfig` (`installer.image`, since 1.14), else `machine.install.image`;
 * a config has one of the two (machinery refuses both). `image` is null where none is named: the document without one installs what
 * booted (`controllers/runtime/unattended_install.go`).
 */
export function installImageOf(documents: readonly MachineConfigDocument[]): { path: string; image: string | null } {
  const unattended = documentOfKind(documents, "UnattendedInstallConfig");
  const value = unattended
    ? valueAt(unattended, ["installer", "image"])
    : valueAt(legacyDocument(documents), ["machine", "install", "image"]);
  return {
    path: unattended ? "UnattendedInstallConfig.installer.image" : "machine.install.image",
    image: typeof value === "string" && value !== "" ? value : null,
  };
}
