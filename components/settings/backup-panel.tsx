"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { OperationError } from "@/components/operation/operation-error";
import { saveFile } from "@/components/operation/save-file";
import { type OperationFailure, useOperation } from "@/components/operation/use-operation";
import { Button } from "@/components/ui/button";
import { Panel } from "@/components/ui/card";
import { KeyValues } from "@/components/ui/key-values";
import { Notice } from "@/components/ui/notice";
import { RelativeTime } from "@/components/ui/relative-time";
import { Status } from "@/components/ui/status";
import type { Tone } from "@/components/ui/tone";
import type { BackupFile, BackupState, BackupView } from "@/lib/backup/schema";
import { paths } from "@/lib/core/paths";
import { formatBytes, formatDuration } from "@/lib/core/units";
import { RestoreDialog } from "./restore-dialog";

const tones: Record<BackupState, Tone> = {
  off: "idle",
  "none-yet": "info",
  well: "ok",
  overdue: "warn",
  failed: "bad",
};
const words: Record<BackupState, string> = {
  off: "Off",
  "none-yet": "None yet",
  well: "Made and proven",
  overdue: "Overdue",
  failed: "Failed",
};
const encrypted: Record<BackupView["encryption"], string> = {
  recipients: "with age, to the recipients of ICHOR_BACKUP_RECIPIENTS",
  passphrase: "with age, with the passphrase of ICHOR_BACKUP_PASSPHRASE_FILE",
  none: "nobody is named to encrypt for",
};

function BackupRow({ file: { file, bytes, madeAtMs }, onRestore }: { file: BackupFile; onRestore: () => void }) {
  const [fetching, setFetching] = useState(false);
  const [error, setError] = useState<OperationFailure | null>(null);
  const download = async () => {
    setFetching(true);
    // Its reader of errors comes when somebody downloads.
    const { fetchFile } = await import("@/components/clusters/fetch-snapshot");
    const answer = await fetchFile(paths.backup(file), "The back-up");
    setFetching(false);
    setError(answer.ok ? null : answer.error);
    if (answer.ok) saveFile({ fileName: file, content: answer.content });
  };
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 px-3.5 py-2">
      <div className="min-w-0 flex-1 basis-48">
        <p className="font-mono text-xs wrap-anywhere">{file}</p>
        <p className="text-xs text-muted">
          <RelativeTime atMs={madeAtMs} /> · {formatBytes(bytes)}
        </p>
      </div>
      <span className="flex gap-2">
        <Button size="sm" pending={fetching} aria-label={`Download ${file}`} onClick={() => void download()}>
          Download
        </Button>
        <Button size="sm" aria-label={`Restore ${file}…`} onClick={onRestore}>
          Restore…
        </Button>
      </span>
      {error && <OperationError error={error} />}
    </li>
  );
}

/** Back-ups of Ichor itself: how it stands with them, those that are there, and the way back. For administrators. */
export function BackupPanel({ backups }: { backups: BackupView }) {
  const router = useRouter();
  const [restoring, setRestoring] = useState<string | null>(null);
  const create = useOperation("backup.create", {
    done: ({ file }) => ({ title: "The back-up was made and proven", description: file }),
    onDone: () => router.refresh(),
  });
  const discard = useOperation("backup.discard-restore", {
    done: () => ({ title: "The restore was taken back" }),
    onDone: () => router.refresh(),
    errors: "toast",
  });
  const { state, sentence, record, directory, everyMs, keep, encryption, files, staged } = backups;
  const { last } = record;
  return (
    <Panel
      title="Back-ups"
      aside={
        <Button size="sm" pending={create.pending} disabled={encryption === "none"} onClick={() => void create.run({})}>
          Back up now
        </Button>
      }
      bodyClassName="divide-y"
    >
      <div className="space-y-2 p-3.5">
        <Status tone={tones[state]}>{words[state]}</Status>
        <p className="text-muted wrap-anywhere">
          {sentence}
          {encryption === "none" && " Set ICHOR_BACKUP_RECIPIENTS (see docs/backup.md)."}
        </p>
        <OperationError error={create.error} />
        {staged && (
          <Notice
            tone="warn"
            title="A restore waits for the next start"
            action={
              <Button size="sm" pending={discard.pending} onClick={() => void discard.run({})}>
                Take it back
              </Button>
            }
          >
            Restart the server: {staged.file} then takes the place of everything that is here now.
          </Notice>
        )}
      </div>
      <KeyValues
        items={[
          {
            label: "Last back-up",
            value: last ? (
              <span>
                <RelativeTime atMs={last.madeAtMs} /> · {formatBytes(last.bytes)} ·{" "}
                {last.key === "included" ? "with the key" : "without the key"}
              </span>
            ) : (
              "none"
            ),
          },
          {
            label: "Last proof",
            value: last ? (
              <span>
                opened <RelativeTime atMs={last.provedAtMs} />, {last.secrets} secrets with it
              </span>
            ) : (
              "none"
            ),
          },
          { label: "Encrypted", value: encrypted[encryption] },
          {
            label: "How often",
            value: everyMs === null ? "on demand" : `every ${formatDuration(everyMs)}, ${keep} kept`,
          },
          { label: "Where", value: directory, mono: true },
        ]}
      />
      {files.length > 0 && (
        <ul className="divide-y">
          {files.map((file) => (
            <BackupRow key={file.file} file={file} onRestore={() => setRestoring(file.file)} />
          ))}
        </ul>
      )}
      <RestoreDialog file={restoring} passphrase={encryption === "passphrase"} onClose={() => setRestoring(null)} />
    </Panel>
  );
}
