"use client";

import { CircleUser, Keyboard, LogOut, Monitor, Moon, Sun } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Menu, MenuItem, MenuLabel, MenuRadioGroup, MenuSeparator } from "@/components/ui/menu";
import { applyTheme, parseTheme, type Theme, themeCookie } from "@/components/ui/theme";
import { signOut } from "@/components/auth/sign-out";
import { openShortcuts } from "./shell-store";

const themeOptions = [
  { value: "light", label: "Light", icon: Sun },
  { value: "dark", label: "Dark", icon: Moon },
  { value: "system", label: "As the system", icon: Monitor },
] as const;

const currentTheme = (): Theme =>
  typeof document === "undefined"
    ? "system"
    : parseTheme(new RegExp(`(?:^|; )${themeCookie}=(\\w+)`).exec(document.cookie)?.[1]);

export function UserMenu({ user }: { user: { name: string; role: string } }) {
  const [theme, setTheme] = useState<Theme>(currentTheme);
  const choose = (next: Theme) => {
    applyTheme(next);
    setTheme(next);
  };
  const trigger = (
    <Button variant="ghost" size="icon" aria-label={`Account: ${user.name}, ${user.role}`}>
      <CircleUser aria-hidden />
    </Button>
  );
  return (
    <Menu trigger={trigger} label="Account">
      <MenuLabel>
        <span className="block text-sm font-medium text-fg">{user.name}</span>
        {user.role}
      </MenuLabel>
      <MenuSeparator />
      <MenuLabel>Theme</MenuLabel>
      <MenuRadioGroup value={theme} onChange={choose} options={themeOptions} />
      <MenuSeparator />
      <MenuItem icon={Keyboard} onSelect={openShortcuts}>
        Keyboard shortcuts
      </MenuItem>
      <MenuItem icon={LogOut} onSelect={() => void signOut()}>
        Sign out
      </MenuItem>
    </Menu>
  );
}
