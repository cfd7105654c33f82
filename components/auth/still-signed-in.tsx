import { ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";

/** Says why signing in again came to nothing, to somebody who is signed in all the same, and leads back. */
export function StillSignedIn({ name, problem, target }: { name: string; problem: string; target: string }) {
  return (
    <div className="space-y-4">
      <h1 className="text-lg font-semibold">You are still signed in as {name}</h1>
      <Notice tone="bad" live>
        {problem}
      </Notice>
      <ButtonLink variant="primary" className="w-full justify-center" href={target}>
        Go back
      </ButtonLink>
    </div>
  );
}
