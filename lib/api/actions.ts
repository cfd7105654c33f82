"use server";

import { cookies, headers } from "next/headers";
import { countFailureOf } from "@/lib/auth/anonymous-failures";
import { clientOf } from "@/lib/auth/client-address";
import { deviceCookieName } from "@/lib/auth/device";
import { currentActor } from "@/lib/auth/require-role";
import { forgeryOf, requestFacts } from "@/lib/auth/origin";
import { env } from "@/lib/core/env";
import { newId } from "@/lib/core/ids";
import { AppError } from "@/lib/core/errors";
import { describeError, type OperationResult, runOperation } from "@/lib/operation/run-operation";
import { requestPlace } from "@/lib/people/factors/request-place";
import { type SignInProgress, signInStep } from "@/lib/people/factors/schema";
import { takeSignInStep } from "@/lib/people/factors/sign-in-steps";
import { setUpInput } from "@/lib/people/schema";
import { completeSetup } from "@/lib/people/setup-link";
import { findOperation, type InputOf, type OperationName, type OutputOf } from "./operations";

/** The browser's way to every operation, as who is signed in. Never throws for an expected failure: see `OperationResult`. */
export async function callOperation<N extends OperationName>(
  name: N,
  input: InputOf<N>,
): Promise<OperationResult<OutputOf<N>>> {
  const requestId = newId("request");
  try {
    const actor = await trustedActor();
    const operation = findOperation(name);
    if (!operation) throw new AppError("not-found", "There is no such operation.");
    return (await runOperation(operation, actor, input, { requestId, origin: "browser" })) as OperationResult<
      OutputOf<N>
    >;
  } catch (error) {
    return { ok: false, error: describeError(error, requestId, String(name)) };
  }
}

async function trustedActor() {
  await refuseForgery();
  const actor = await currentActor();
  if (actor) return actor;
  countFailureOf("session", await headers());
  throw new AppError("unauthenticated", "Your session has ended, so nothing was done.", {
    hint: "Sign in again, then repeat it.",
  });
}

async function refuseForgery(): Promise<void> {
  const sent = await headers();
  const forgery = forgeryOf(requestFacts("POST", sent), env().publicUrl);
  if (!forgery) return;
  countFailureOf("foreign", sent);
  throw new AppError("forbidden", forgery);
}

/** Creates the first administrator with the one-time link of the first run. The link is what authorizes it. */
export async function setUpFirstAdmin(input: unknown): Promise<OperationResult<{ name: string }>> {
  const requestId = newId("request");
  try {
    await refuseForgery();
    const parsed = setUpInput.safeParse(input);
    if (!parsed.success) {
      const fields = Object.fromEntries(
        parsed.error.issues.map((issue) => [issue.path.map(String).join("."), issue.message]),
      );
      throw new AppError("invalid-input", "Some of the input is not valid.", { fields });
    }
    await completeSetup(parsed.data).catch(async (error: unknown) => {
      if (error instanceof AppError) countFailureOf("set-up", await headers());
      throw error;
    });
    return { ok: true, data: { name: parsed.data.name } };
  } catch (error) {
    return { ok: false, error: describeError(error, requestId, "set-up") };
  }
}

/** One step of signing in, by whoever opens the page. What it answers gives no rights: a ticket is exchanged by next-auth. */
export async function continueSignIn(input: unknown): Promise<OperationResult<SignInProgress>> {
  const requestId = newId("request");
  try {
    await refuseForgery();
    const parsed = signInStep.safeParse(input);
    if (!parsed.success) throw new AppError("invalid-input", "Some of the input is not valid.");
    const client = clientOf(await headers(), env().trustedProxies);
    const device = (await cookies()).get(deviceCookieName(env().publicUrl))?.value ?? null;
    const place = { ...client, device, passkeys: await requestPlace(), nowMs: Date.now() };
    return { ok: true, data: await takeSignInStep(parsed.data, place) };
  } catch (error) {
    return { ok: false, error: describeError(error, requestId, "sign-in") };
  }
}
