"use client";

import { LogIn } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";

type Props = {
  label: string;
  /** Path that the person comes back to. */
  target: string;
  /** Has the provider ask again who it is, so that the session counts as freshly proven. */
  again?: boolean;
  variant?: "primary" | "default";
};

/** Leads to the identity provider. Where that fails, the sign-in page comes back with the reason. */
export function ProviderButton({ label, target, again = false, variant = "default" }: Props) {
  const [pending, setPending] = useState(false);
  const go = async () => {
    setPending(true);
    const { signIn } = await import("next-auth/react");
    // Leaves the page; only a console that cannot be reached comes back here.
    await signIn("oidc", { callbackUrl: target }, again ? { prompt: "login", max_age: "0" } : {}).catch(() => {});
    setPending(false);
  };
  return (
    <Button variant={variant} pending={pending} className="w-full justify-center" onClick={() => void go()}>
      <LogIn aria-hidden /> {label}
    </Button>
  );
}
