import { Breadcrumb } from "./breadcrumb";
import { MobileNav } from "./mobile-nav";
import { OperationsButton } from "./operations-button";
import { PaletteButton } from "./palette-button";
import { UserMenu } from "./user-menu";

/** Where one is, how to get anywhere, what runs. */
export function Header({ user }: { user: { name: string; role: string } }) {
  return (
    <header className="sticky top-0 z-30 flex h-13 items-center gap-2 border-b bg-canvas px-4 md:px-5.5">
      <MobileNav />
      <Breadcrumb />
      <div className="ml-auto flex items-center gap-2">
        <PaletteButton />
        <OperationsButton />
        <UserMenu user={user} />
      </div>
    </header>
  );
}
