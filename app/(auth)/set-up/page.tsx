import type { Metadata } from "next";
import { SetUpForm } from "@/components/auth/set-up-form";
import { ButtonLink } from "@/components/ui/button";
import { paths } from "@/lib/core/paths";
import { isSetupLinkValid } from "@/lib/people/setup-link";

export const metadata: Metadata = { title: "Set up", referrer: "no-referrer" };

type Props = { searchParams: Promise<{ token?: string | string[] }> };

export default async function SetUpPage({ searchParams }: Props) {
  const { token } = await searchParams;
  if (typeof token === "string" && (await isSetupLinkValid(token))) return <SetUpForm token={token} />;
  return (
    <div className="space-y-4">
      <h1 className="text-lg font-semibold">This link is not valid</h1>
      <p className="text-muted">
        It was used, or a newer one was printed. Take the newest link from the server&apos;s console, or sign in.
      </p>
      <ButtonLink href={paths.signIn()} variant="primary">
        Sign in
      </ButtonLink>
    </div>
  );
}
