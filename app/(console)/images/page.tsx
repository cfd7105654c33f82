import type { Metadata } from "next";
import { ImagesTable } from "@/components/images/images-table";
import { PageHeader } from "@/components/ui/page-header";
import { requireRole } from "@/lib/auth/require-role";
import { listImages } from "@/lib/inventory/image-queries";

export const metadata: Metadata = { title: "Images" };

export default async function ImagesPage() {
  const images = await listImages(await requireRole("viewer"));
  return (
    <div className="space-y-4">
      <PageHeader
        title="Images"
        description="Schematics of the Image Factory: what is baked into a node's image. The ID is the hash of the text."
      />
      <ImagesTable images={images} />
    </div>
  );
}
