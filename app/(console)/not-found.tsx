import { Compass } from "lucide-react";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/states";
import { paths } from "@/lib/core/paths";

export default function NotFound() {
  return (
    <Card>
      <h1 className="sr-only">Not found</h1>
      <EmptyState
        icon={Compass}
        title="There is nothing at this address"
        action={<ButtonLink href={paths.overview()}>Overview</ButtonLink>}
      >
        It may have been removed, or the link is not whole.
      </EmptyState>
    </Card>
  );
}
