"use client";

import { Command } from "cmdk";
import { CornerDownLeft, type LucideIcon, Server, Zap } from "lucide-react";
import { useRouter } from "next/navigation";
import { Dialog } from "radix-ui";
import type { ReactNode } from "react";
import { useClusters, useNodes, useRuns } from "@/components/live/use-live";
import { overlayClass } from "@/components/ui/dialog";
import { applyTheme, themes } from "@/components/ui/theme";
import { useDialogFocus } from "@/components/ui/use-dialog-focus";
import { paths } from "@/lib/core/paths";
import { useRegisteredActions } from "./quick-actions";
import { allSections } from "./sections";
import { closeShellDialog } from "./shell-store";

const groupClass =
  "p-1 [&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-muted";

type ItemProps = { value: string; icon?: LucideIcon; onSelect: () => void; children: ReactNode; aside?: ReactNode };

function Item({ value, icon: Icon, onSelect, children, aside }: ItemProps) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      className="group flex min-h-9 cursor-default items-center gap-2.5 rounded-md px-2 data-[selected=true]:bg-hover"
    >
      {Icon && <Icon aria-hidden className="size-4 shrink-0 text-muted" />}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {aside && <span className="truncate text-xs text-muted">{aside}</span>}
      <CornerDownLeft aria-hidden className="size-3.5 text-faint opacity-0 group-data-[selected=true]:opacity-100" />
    </Command.Item>
  );
}

/** Everything by name: this page's actions, nodes by name, address or GPU, the sections, the theme. */
export default function Palette() {
  const router = useRouter();
  const focus = useDialogFocus(true);
  const { nodes } = useNodes();
  const { clusters } = useClusters();
  const { runs } = useRuns();
  const actions = useRegisteredActions();
  const after = (run: () => void) => () => {
    closeShellDialog();
    run();
  };
  const go = (href: string) => after(() => router.push(href));
  const groups = [...new Set(actions.map((action) => action.group ?? "This page"))];
  return (
    <Dialog.Root open onOpenChange={closeShellDialog}>
      <Dialog.Portal>
        <Dialog.Overlay className={overlayClass} />
        <Dialog.Content
          {...focus}
          aria-describedby={undefined}
          className="fixed top-[max(1rem,12dvh)] left-1/2 z-50 w-[calc(100vw-1.5rem)] max-w-xl -translate-x-1/2 overflow-hidden rounded-lg border border-line-strong bg-surface shadow-float"
        >
          <Dialog.Title className="sr-only">Find a node, a GPU, an action</Dialog.Title>
          <Command label="Find a node, a GPU, an action" loop>
            <Command.Input
              placeholder="Find a node, a GPU, an action"
              className="h-12 w-full border-b bg-transparent px-4 text-base outline-none"
            />
            <Command.List className="max-h-[min(24rem,60dvh)] overflow-y-auto overscroll-contain">
              <Command.Empty className="px-4 py-8 text-center text-muted">Nothing has that name.</Command.Empty>
              {groups.map((group) => (
                <Command.Group key={group} heading={group} className={groupClass}>
                  {actions
                    .filter((action) => (action.group ?? "This page") === group)
                    .map((action) => (
                      <Item
                        key={action.label}
                        value={`${group} ${action.label}`}
                        icon={Zap}
                        onSelect={"href" in action ? go(action.href) : after(action.run)}
                      >
                        {action.label}
                      </Item>
                    ))}
                </Command.Group>
              ))}
              <Command.Group heading="Go to" className={groupClass}>
                {allSections.map(({ label, href, icon }) => (
                  <Item key={href} value={`go to ${label}`} icon={icon} onSelect={go(href)}>
                    {label}
                  </Item>
                ))}
                <Item value="add machines" icon={Server} onSelect={go(paths.addNodes())}>
                  Add machines
                </Item>
              </Command.Group>
              <Command.Group heading="Nodes" className={groupClass}>
                {nodes.map((node) => (
                  <Item
                    key={node.id}
                    value={`${node.name} ${node.address} ${node.gpus.map((gpu) => gpu.model).join(" ")} ${node.id}`}
                    icon={Server}
                    onSelect={go(paths.node(node.id))}
                    aside={[...new Set(node.gpus.map((gpu) => gpu.model))].join(", ") || node.address}
                  >
                    {node.name}
                  </Item>
                ))}
              </Command.Group>
              <Command.Group heading="Clusters and upgrades" className={groupClass}>
                {clusters.map((cluster) => (
                  <Item
                    key={cluster.id}
                    value={`cluster ${cluster.name} ${cluster.id}`}
                    onSelect={go(paths.cluster(cluster.id))}
                  >
                    {cluster.name}
                  </Item>
                ))}
                {runs.slice(0, 10).map((run) => (
                  <Item key={run.id} value={`upgrade ${run.title} ${run.id}`} onSelect={go(paths.upgrade(run.id))}>
                    {run.title}
                  </Item>
                ))}
              </Command.Group>
              <Command.Group heading="Theme" className={groupClass}>
                {themes.map((theme) => (
                  <Item key={theme} value={`theme ${theme}`} onSelect={after(() => applyTheme(theme))}>
                    {{ light: "Light", dark: "Dark", system: "As the system" }[theme]}
                  </Item>
                ))}
              </Command.Group>
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
