import { Panel } from "@/components/ui/card";
import type { UserView } from "@/lib/people/schema";
import { AddUserDialog } from "./add-user-dialog";
import { UserRow } from "./user-row";

const headClass = "px-3.5 py-2 text-left text-xs font-medium text-muted";

/** Everyone with an account; for admins. */
export function PeoplePanel({ users, selfId }: { users: readonly UserView[]; selfId: string | null }) {
  return (
    <Panel title="People" aside={<AddUserDialog />} bodyClassName="relative overflow-x-auto">
      <table className="w-full">
        <caption className="sr-only">People with an account</caption>
        <thead>
          <tr>
            <th scope="col" className={headClass}>
              Name
            </th>
            <th scope="col" className={headClass}>
              Role
            </th>
            <th scope="col" className={`${headClass} hidden sm:table-cell`}>
              State
            </th>
            <th scope="col" className={`${headClass} hidden sm:table-cell`}>
              Last sign-in
            </th>
            <th scope="col" className={headClass}>
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {users.map((user) => (
            <UserRow key={user.id} user={user} self={user.id === selfId} />
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
