import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { SignInForm } from "@/components/auth/sign-in-form";
import { localPath } from "@/components/auth/local-path";
import { currentActor } from "@/lib/auth/require-role";

export const metadata: Metadata = { title: "Sign in" };

type Props = { searchParams: Promise<{ from?: string | string[]; created?: string | string[] }> };

export default async function SignInPage({ searchParams }: Props) {
  const { from, created } = await searchParams;
  const target = localPath(from);
  if (await currentActor()) redirect(target);
  return <SignInForm target={target} created={created !== undefined} />;
}
