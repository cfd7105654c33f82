import type { GpuProfile } from "@/lib/gpu/profile-schema";
import { profilePerRelease } from "./profile-facts";

const head = "px-3.5 py-2 text-left text-xs font-medium text-muted";
const cell = "border-t px-3.5 py-2 align-top";

function Names({ names, none }: { names: readonly string[]; none: string }) {
  if (names.length === 0) return <span className="text-faint">{none}</span>;
  return (
    <ul className="space-y-0.5 font-mono text-xs">
      {names.map((name) => (
        <li key={name} className="whitespace-nowrap">
          {name}
        </li>
      ))}
    </ul>
  );
}

/** What the profile comes to on each Talos release. */
export function ReleaseTable({ profile }: { profile: GpuProfile }) {
  return (
    <div className="relative overflow-x-auto" tabIndex={0} role="region" aria-label="The profile per Talos release">
      <table className="w-full min-w-[44rem]">
        <caption className="sr-only">What {profile.name} comes to on each Talos release</caption>
        <thead>
          <tr>
            {["Talos", "System extensions", "Kernel modules", "Kernel arguments and sysctls", "Driver"].map((title) => (
              <th key={title} scope="col" className={head}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {profilePerRelease(profile).map((row) => (
            <tr key={row.release}>
              <th scope="row" className={`${cell} text-left font-mono text-xs font-medium`}>
                {row.release}
              </th>
              {row.exists ? (
                <>
                  <td className={cell}>
                    <Names names={row.extensions} none="none" />
                  </td>
                  <td className={cell}>
                    <Names names={row.modules} none="loads by itself" />
                  </td>
                  <td className={cell}>
                    <Names names={[...row.kernelArgs, ...row.sysctls]} none="none" />
                  </td>
                  <td className={`${cell} font-mono text-xs whitespace-nowrap`}>
                    {row.driver ?? <span className="font-sans text-faint">the kernel&apos;s</span>}
                  </td>
                </>
              ) : (
                <td colSpan={4} className={`${cell} text-faint`}>
                  not in this release
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
