import Link from "next/link";

export default function NotFound() {
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center gap-2 p-4 text-center">
      <h1 className="text-lg font-semibold">There is nothing at this address</h1>
      <Link href="/" className="text-accent underline underline-offset-2">
        To the overview
      </Link>
    </main>
  );
}
