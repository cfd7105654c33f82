import Link from "next/link";
import { paths } from "@/lib/core/paths";
import type { ImageView } from "@/lib/schematic/schema";

/** Nodes by name, each a link. */
export function NodeLinks({ nodes }: { nodes: ImageView["nodes"] }) {
  if (nodes.length === 0) return <>no node</>;
  return nodes.map((node, index) => (
    <span key={node.id}>
      {index > 0 && ", "}
      <Link href={paths.node(node.id)} className="underline underline-offset-3">
        {node.name}
      </Link>
    </span>
  ));
}
