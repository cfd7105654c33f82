import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { AssetLinks } from "@/components/images/asset-links";
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
import { paths } from "@/lib/core/paths";
import { getSchematic } from "@/lib/schematic/queries";
import { offeredReleases } from "@/lib/upgrades/queries";

export const metadata: Metadata = { title: "Image" };
const mostReleases = 40;

type Props = { params: Promise<{ schematic: string }> };

export default async function ImagePage({ params }: Props) {
  const ctx = await requireRole("viewer");
  const { schematic: id } = await params;
  const schematic = await getSchematic(ctx, id).catch((error: unknown) => {
    if (error instanceof AppError && error.code === "not-found") notFound();
    throw error;
  });
  const releases = (await offeredReleases(ctx)).slice(0, mostReleases);
  const registered = schematic.registeredAtMs !== null;
  return (
    <div className="space-y-3.5">
      <Crumb label={`${id.slice(0, 12)}…`} />
      <PageHeader
        title={<span className="font-mono text-lg">{id.slice(0, 16)}…</span>}
        description={<Registration schematic={schematic} />}
      />
      {!registered && (
        <Notice tone="warn" title="The factory does not know it yet">
          The links below answer only once it is registered; Ichor keeps trying.
          {schematic.lastError && ` Last attempt: ${schematic.lastError}`}
        </Notice>
      )}
      <div className="grid items-start gap-3.5 lg:grid-cols-2">
        <Panel title="Schematic" aside="canonical form" bodyClassName="p-2">
          <CodeBlock text={schematic.canonical} label="schematic" />
        </Panel>
        <Panel title="Facts" bodyClassName="">
          <KeyValues
            items={[
              { label: "ID", value: schematic.id, mono: true, copy: schematic.id },
              { label: "Factory", value: schematic.factoryUrl, mono: true },
              { label: "Made", value: <RelativeTime atMs={schematic.createdAtMs} /> },
              {
                label: "Recorded for",
                value:
                  schematic.nodes.length === 0
                    ? "no node"
                    : schematic.nodes.map((node, index) => (
                        <span key={node.id}>
                          {index > 0 && ", "}
                          <Link href={paths.node(node.id)} className="underline underline-offset-3">
                            {node.name}
                          </Link>
                        </span>
                      )),
              },
            ]}
          />
        </Panel>
      </div>
      <Panel title="Boot media" bodyClassName="">
        <AssetLinks schematicId={schematic.id} factoryUrl={schematic.factoryUrl} releases={releases} />
      </Panel>
    </div>
  );
}
