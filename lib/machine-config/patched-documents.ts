import { documentId, type DocumentId, type MachineConfigDocument } from "@/lib/machine-config/documents";
import { Draft } from "@/lib/machine-config/patch-draft";
import { mergeDocument } from "@/lib/machine-config/patch-merge";
import type { VersionContract } from "@/lib/machine-config/schema";

const keyOf = ({ apiVersion, kind, name }: DocumentId): string => JSON.stringify([apiVersion, kind, name]);

/** The documents of a config while patches change them, each found without looking through all others. No two have one identity. */
export class PatchedDocuments {
  private readonly documents: Map<string, MachineConfigDocument>;
  private readonly draft = new Draft();
  private checked = false;

  constructor(given: readonly MachineConfigDocument[]) {
    this.documents = new Map(given.map((document) => [keyOf(documentId(document)), document]));
  }

  /** In order. */
  all(): MachineConfigDocument[] {
    return [...this.documents.values()];
  }

  /** Those that nobody has looked at; what patches bring is looked at before. Empty once they have been asked for. */
  unchecked(): MachineConfigDocument[] {
    const unchecked = this.checked ? [] : this.all();
    this.checked = true;
    return unchecked;
  }

  find(id: DocumentId): MachineConfigDocument | undefined {
    return this.documents.get(keyOf(id));
  }

  /** Puts in the place of a document what `change` makes of it; null takes it out. */
  change(
    id: DocumentId,
    change: (document: MachineConfigDocument, draft: Draft) => MachineConfigDocument | null,
  ): void {
    const found = this.find(id);
    if (!found) return;
    const changed = change(found, this.draft);
    if (changed === null) this.documents.delete(keyOf(id));
    else this.documents.set(keyOf(id), changed);
  }

  /** Merges a document of a patch into the one with its identity, or adds it as the last one. */
  merge(id: DocumentId, patch: MachineConfigDocument, contract: VersionContract): void {
    if (!this.find(id)) this.documents.set(keyOf(id), patch);
    else this.change(id, (document, draft) => mergeDocument(document, patch, id.kind, { contract, draft }));
  }
}
