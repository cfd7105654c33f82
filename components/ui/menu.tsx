"use client";

import { Check, type LucideIcon } from "lucide-react";
import Link from "next/link";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "./cn";

export const floatClass =
  "z-50 rounded-lg border border-line-strong bg-surface p-1 shadow-float data-[state=open]:animate-rise";
const itemClass =
  "flex min-h-8 cursor-default items-center gap-2 rounded-md px-2 py-1 outline-none select-none data-[highlighted]:bg-hover data-[disabled]:text-faint [&>svg]:size-4 [&>svg]:shrink-0";

/** A menu behind `trigger` (one element that takes a ref). */
export function Menu(props: { trigger: ReactNode; children: ReactNode; align?: "start" | "end"; label?: string }) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{props.trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={props.align ?? "end"}
          sideOffset={4}
          collisionPadding={8}
          aria-label={props.label}
          className={cn(floatClass, "max-h-[70dvh] min-w-44 max-w-[calc(100vw-1rem)] overflow-y-auto")}
        >
          {props.children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

export type MenuItemProps = {
  children: ReactNode;
  icon?: LucideIcon;
  onSelect?: () => void;
  danger?: boolean;
  /** Why it cannot be chosen now; the item stays visible and says so. */
  disabledReason?: string | null;
};

export function MenuItem({ children, icon: Icon, onSelect, danger, disabledReason }: MenuItemProps) {
  return (
    <DropdownMenu.Item
      disabled={Boolean(disabledReason)}
      onSelect={onSelect}
      className={cn(itemClass, danger && "text-bad")}
    >
      {Icon && <Icon aria-hidden className={danger ? undefined : "text-muted"} />}
      <span className="min-w-0">
        {children}
        {disabledReason && <span className="block max-w-64 text-xs text-muted">{disabledReason}</span>}
      </span>
    </DropdownMenu.Item>
  );
}

export function MenuLink({ href, children, icon: Icon }: { href: string; children: ReactNode; icon?: LucideIcon }) {
  return (
    <DropdownMenu.Item asChild className={itemClass}>
      <Link href={href}>
        {Icon && <Icon aria-hidden className="text-muted" />}
        {children}
      </Link>
    </DropdownMenu.Item>
  );
}

export type MenuCheckProps = { checked: boolean; onChange: (checked: boolean) => void; children: ReactNode };

/** Stays open, so that several can be ticked. */
export function MenuCheck({ checked, onChange, children }: MenuCheckProps) {
  return (
    <DropdownMenu.CheckboxItem
      checked={checked}
      onCheckedChange={onChange}
      onSelect={(event) => event.preventDefault()}
      className={itemClass}
    >
      <span
        className={cn(
          "inline-flex size-4 items-center justify-center rounded-sm border border-control",
          checked && "border-accent bg-accent text-on-accent",
        )}
      >
        {checked && <Check aria-hidden className="size-3" />}
      </span>
      {children}
    </DropdownMenu.CheckboxItem>
  );
}

export function MenuRadioGroup<T extends string>(props: {
  value: T;
  onChange: (value: T) => void;
  options: readonly { value: T; label: string; icon?: LucideIcon }[];
}) {
  return (
    <DropdownMenu.RadioGroup value={props.value} onValueChange={(value) => props.onChange(value as T)}>
      {props.options.map(({ value, label, icon: Icon }) => (
        <DropdownMenu.RadioItem key={value} value={value} className={itemClass}>
          {Icon && <Icon aria-hidden className="text-muted" />}
          <span className="flex-1">{label}</span>
          {props.value === value && <Check aria-hidden className="text-accent" />}
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  );
}

export const MenuSeparator = () => <DropdownMenu.Separator className="-mx-1 my-1 h-px bg-line" />;
export const MenuLabel = ({ children }: { children: ReactNode }) => (
  <DropdownMenu.Label className="px-2 py-1 text-xs text-muted">{children}</DropdownMenu.Label>
);
