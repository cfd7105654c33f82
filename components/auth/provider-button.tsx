"use client";

import { LogIn } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";

type Props = {
  label: string;
  /** Path that the person comes back to. */
  target: string;
  /** Has the provider ask again who it is, so that the session counts as freshly proven. */
  again?: boolean;
  variant?: "primary" | "default";
};

/**
 * The provider's address for one sign-in. Not by next-auth's own `signIn`: it asks for a list of providers first, and ours is in
 * no list, so that a provider that is down holds up nothing but its own button.
 */
async function providerAddress(target: string, again: boolean): Promise<string> {
  const { getCsrfToken } = await import("next-auth/react");
  const csrfToken = (await getCsrfToken()) ?? "";
  const response = await fetch(`/api/auth/signin/oidc${again ? "?prompt=login&max_age=0" : ""}`, {
    method: "POST",
    body: new URLSearchParams({ csrfToken, callbackUrl: target, json: "true" }),
  });
  const { url } = (await response.json()) as { url: string };
  return url;
}

/** Leads to the identity provider. Where that fails, the sign-in page comes back with the reason. */
export function ProviderButton({ label, target, again = false, variant = "default" }: Props) {
  const [pending, setPending] = useState(false);
  const [unreachable, setUnreachable] = useState(false);
  const go = async () => {
    setPending(true);
    setUnreachable(false);
    const url = await providerAddress(target, again).catch(() => null);
    // Leaves the page; only a console that cannot be reached stays on it.
    if (url !== null) return location.assign(url);
    setUnreachable(true);
    setPending(false);
  };
  return (
    <>
      <Button variant={variant} pending={pending} className="w-full justify-center" onClick={() => void go()}>
        <LogIn aria-hidden /> {label}
      </Button>
      {unreachable && (
        <Notice tone="bad" live>
          The console could not be reached. Check the connection and try again.
        </Notice>
      )}
    </>
  );
}
