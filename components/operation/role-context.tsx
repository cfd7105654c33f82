"use client";

import { createContext, type ReactNode, useContext } from "react";
import { type Role, roleSatisfies } from "@/lib/auth/role";

const RoleContext = createContext<Role>("viewer");

export const RoleProvider = ({ role, children }: { role: Role; children: ReactNode }) => (
  <RoleContext value={role}>{children}</RoleContext>
);

/** Why the signed-in person may not do what needs `role`; null when they may. The server checks again. */
export function useRoleRefusal(role: Role): string | null {
  const held = useContext(RoleContext);
  return roleSatisfies(held, role) ? null : `This needs the role ${role}; you have the role ${held}.`;
}
