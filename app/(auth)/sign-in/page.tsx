import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { SignInForm } from "@/components/auth/sign-in-form";
import { StillSignedIn } from "@/components/auth/still-signed-in";
import { actorName } from "@/lib/auth/ctx";
import { currentActor } from "@/lib/auth/require-role";
import { env } from "@/lib/core/env";
import { localPath } from "@/lib/core/local-path";
import { requestPlace } from "@/lib/people/factors/request-place";
import { parseRefusal, refusals } from "@/lib/people/oidc/sign-in-refusal";

export const metadata: Metadata = { title: "Sign in" };

type Params = "from" | "created" | "ended" | "error";
type Props = { searchParams: Promise<{ [name in Params]?: string | string[] }> };

export default async function SignInPage({ searchParams }: Props) {
  const { from, created, ended, error } = await searchParams;
  const target = localPath(from);
  const refusal = parseRefusal(error);
  const actor = await currentActor();
  // A fresh proof that the identity provider did not give: the session is what it was, and the reason is told.
  if (actor && refusal) return <StillSignedIn name={actorName(actor)} problem={refusals[refusal]} target={target} />;
  if (actor) redirect(target);
  const { oidc, passwordSignIn } = env();
  return (
    <SignInForm
      target={target}
      created={created !== undefined}
      ended={ended !== undefined}
      problem={refusal && refusals[refusal]}
      provider={oidc?.buttonLabel ?? null}
      passwords={passwordSignIn}
      passkeys={(await requestPlace()) !== null}
    />
  );
}
