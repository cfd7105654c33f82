"use client";

import { usePathname, useSearchParams } from "next/navigation";
import { ProviderButton } from "@/components/auth/provider-button";
import { Notice } from "@/components/ui/notice";

/** An account of the identity provider proves itself there: signing in again leads away, and back to this page. */
export function ProviderProof({ label }: { label: string | null }) {
  const search = useSearchParams().toString();
  const pathname = usePathname();
  if (label === null)
    return (
      <Notice tone="warn" title="No identity provider is set any more">
        Your account proves itself there alone: this needs somebody with an account of the console&rsquo;s own.
      </Notice>
    );
  return (
    <>
      <p>
        You sign in through the identity provider, so it is asked to have you sign in again. You come back to this page;
        what you were doing has to be repeated then, within 5 minutes.
      </p>
      <ProviderButton label={label} target={search ? `${pathname}?${search}` : pathname} again variant="primary" />
    </>
  );
}
