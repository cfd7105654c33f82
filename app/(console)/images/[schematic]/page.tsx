import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { AssetLinks } from "@/components/images/asset-links";
import { NodeLinks } from "@/components/images/node-links";
import { Registration } from "@/components/images/registration";
import { Crumb } from "@/components/shell/crumb";
import { Panel } from "@/components/ui/card";
import { CodeBlock } from "@/components/ui/code-block";
import { KeyValues } from "@/components/ui/key-values";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { requireRole } from "@/lib/auth/require-role";
import { AppError } from "@/lib/core/errors";
import { getImage } from "@/lib/inventory/image-queries";
import { offeredReleases } from "@/lib/upgrades/queries";

export const metadata: Metadata = { title: "Image" };
const mostReleases = 40;

type Props = { params: Promise<{ schematic: string }> };

export default async function ImagePage({ params }: Props) {
  const ctx = await requireRole("viewer");
  const { schematic: id } = await params;
  const image = await getImage(ctx, id).catch((error: unknown) => {
    if (error instanceof AppError && error.code === "not-found") notFound();
    throw error;
  });
  const releases = (await offeredReleases(ctx)).slice(0, mostReleases);
  const awaited = image.stored && image.registeredAtMs === null;
  return (
    <div className="space-y-3.5">
      <Crumb label={`${id.slice(0, 12)}…`} />
      <PageHeader
        title={<span className="font-mono text-lg">{id.slice(0, 16)}…</span>}
        description={<Registration image={image} />}
      />
      {awaited && (
        <Notice tone="warn" title="The factory does not know it yet">
          The links below answer only once it is registered; Ichor keeps trying.
          {image.lastError && ` Last attempt: ${image.lastError}`}
        </Notice>
      )}
      {!image.stored && (
        <Notice tone="info" title="It was not made here">
          Nodes run it, and what it holds was read from them. The links below work where its factory is the one that is
          set here.
        </Notice>
      )}
      <div className="grid items-start gap-3.5 lg:grid-cols-2">
        <Panel title="Schematic" aside="canonical form" bodyClassName="p-2">
          {image.canonical === null ? (
            <p className="p-1.5 text-muted">No node carries its text, so only the ID is known.</p>
          ) : (
            <CodeBlock text={image.canonical} label="schematic" />
          )}
        </Panel>
        <Panel title="Facts" bodyClassName="">
          <KeyValues
            items={[
              { label: "ID", value: image.id, mono: true, copy: image.id },
              { label: "Factory", value: image.factoryUrl, mono: true },
              {
                label: "Made",
                value: image.createdAtMs === null ? "elsewhere" : <RelativeTime atMs={image.createdAtMs} />,
              },
              { label: "Running on", value: <NodeLinks nodes={image.runningOn} /> },
              { label: "Recorded for", value: <NodeLinks nodes={image.nodes} /> },
            ]}
          />
        </Panel>
      </div>
      <Panel title="Boot media" bodyClassName="">
        <AssetLinks schematicId={image.id} factoryUrl={image.factoryUrl} releases={releases} />
      </Panel>
    </div>
  );
}
