import type { NextRequest } from "next/server";
import NextAuth from "next-auth";
import { answerNextAuth } from "@/lib/people/next-auth-answer";

type Context = { params: Promise<{ nextauth: string[] }> };

const handler = async (request: NextRequest, context: Context): Promise<Response> =>
  answerNextAuth(request, (await context.params).nextauth, async (options) => NextAuth(request, context, options));

export { handler as GET, handler as POST };
