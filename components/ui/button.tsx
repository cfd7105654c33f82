import Link from "next/link";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "./cn";
import { Spinner } from "./spinner";

export type ButtonVariant = "primary" | "default" | "ghost" | "danger";
export type ButtonSize = "md" | "sm" | "icon" | "icon-sm";

const variants: Record<ButtonVariant, string> = {
  primary: "border-transparent bg-accent text-on-accent hover:bg-accent-strong",
  default: "border-line-strong bg-surface text-fg hover:bg-hover",
  ghost: "border-transparent bg-transparent text-muted hover:bg-hover hover:text-fg",
  danger: "border-bad bg-bad-soft text-bad hover:bg-bad hover:text-canvas",
};
const sizes: Record<ButtonSize, string> = {
  md: "h-8 px-3 gap-2",
  sm: "h-7 px-2.5 gap-1.5 text-xs",
  icon: "size-8 justify-center",
  "icon-sm": "size-6 justify-center",
};

/** The look of a button for anything that acts like one. */
export const buttonClass = (variant: ButtonVariant = "default", size: ButtonSize = "md", className?: string): string =>
  cn(
    "inline-flex shrink-0 items-center rounded-md border font-medium whitespace-nowrap transition-colors duration-100 select-none",
    "disabled:opacity-50 aria-disabled:opacity-50 [&>svg]:size-4 [&>svg]:shrink-0",
    variants[variant],
    sizes[size],
    className,
  );

export type ButtonProps = ComponentProps<"button"> & {
  variant?: ButtonVariant;
  size?: ButtonSize;
  /** Shows a spinner and refuses further presses. */
  pending?: boolean;
};

export function Button({ variant, size, className, pending = false, disabled, children, type, ...rest }: ButtonProps) {
  return (
    <button
      type={type ?? "button"}
      className={buttonClass(variant, size, className)}
      disabled={disabled || pending}
      aria-busy={pending || undefined}
      {...rest}
    >
      {pending && <Spinner />}
      {children}
    </button>
  );
}

export type ButtonLinkProps = Omit<ComponentProps<typeof Link>, "children"> & {
  variant?: ButtonVariant;
  size?: ButtonSize;
  children: ReactNode;
};

/** A link that looks like a button: for going somewhere, never for doing something. */
export function ButtonLink({ variant, size, className, ...rest }: ButtonLinkProps) {
  return <Link className={buttonClass(variant, size, className)} {...rest} />;
}
