package api

import (
	"context"

	"github.com/siderolabs/talos/pkg/machinery/constants"
	"github.com/siderolabs/talos/pkg/machinery/role"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
)

// Who may call what, as machined has it. Whatever is not named is for administrators.
var (
	readers   = role.MakeSet(role.Admin, role.Operator, role.Reader)
	operators = role.MakeSet(role.Admin, role.Operator)
	admins    = role.MakeSet(role.Admin)
	etcd      = role.MakeSet(role.Admin, role.Operator, role.Reader, role.EtcdBackup)
)

// table is the roles of each call.
func table(allowed role.Set, service string, methods ...string) map[string]role.Set {
	rules := map[string]role.Set{}
	for _, method := range methods {
		rules["/"+service+"/"+method] = allowed
	}

	return rules
}

// rules are the roles by full method.
var rules = func() map[string]role.Set {
	all := map[string]role.Set{}
	for _, part := range []map[string]role.Set{
		table(readers, "machine.MachineService", "CPUFreqStats", "CPUInfo", "Containers", "DiskStats", "DiskUsage", "Dmesg", "Events",
			"Hostname", "ImageList", "List", "LoadAvg", "Logs", "LogsContainers", "Memory", "Mounts", "NetworkDeviceStats", "Netstat",
			"Processes", "ServiceList", "Stats", "SystemStat", "Version"),
		table(operators, "machine.MachineService", "EtcdAlarmDisarm", "EtcdDefragment", "ImagePull", "PacketCapture", "Reboot",
			"Restart", "ServiceRestart", "ServiceStart", "ServiceStop", "Shutdown"),
		table(etcd, "machine.MachineService", "EtcdAlarmList", "EtcdMemberList", "EtcdStatus"),
		table(role.MakeSet(role.Admin, role.Operator, role.EtcdBackup), "machine.MachineService", "EtcdSnapshot"),
		table(role.MakeSet(role.Admin, role.MetaWriter), "machine.MachineService", "MetaWrite", "MetaDelete"),
		// A reader in maintenance mode only: the handler looks.
		table(role.MakeSet(role.Admin, role.Reader), "machine.MachineService", "ApplyConfiguration"),
		table(readers, "machine.ImageService", "List"),
		table(operators, "machine.ImageService", "Pull"),
		table(readers, "cosi.resource.State", "Get", "List", "Watch"),
	} {
		for method, allowed := range part {
			all[method] = allowed
		}
	}

	return all
}()

// mayCall tells whether any of the roles is one of the call's.
func mayCall(roles role.Set, method string) bool {
	allowed, known := rules[method]
	if !known {
		allowed = admins
	}

	return allowed.IncludesAny(roles)
}

// rolesKey is where the gate leaves a caller's roles.
type rolesKey struct{}

// rolesOf are the roles that the gate found for a call.
func rolesOf(ctx context.Context) role.Set {
	roles, found := ctx.Value(rolesKey{}).(role.Set)
	if !found {
		return role.Zero
	}

	return roles
}

// readRoles takes the roles from the client's certificate. Whoever may speak for others names theirs in the metadata. A
// machine in maintenance mode knows nobody: everyone is a reader.
func readRoles(ctx context.Context, maintenance bool) role.Set {
	if maintenance {
		return role.MakeSet(role.Reader)
	}

	client, _ := peer.FromContext(ctx)
	info, encrypted := client.AuthInfo.(credentials.TLSInfo)
	if !encrypted || len(info.State.PeerCertificates) == 0 {
		return role.Zero
	}

	roles, _ := role.Parse(info.State.PeerCertificates[0].Subject.Organization)
	if !roles.Includes(role.Impersonator) {
		return roles
	}

	if asked := metadata.ValueFromIncomingContext(ctx, constants.APIAuthzRoleMetadataKey); len(asked) > 0 {
		roles, _ = role.Parse(asked)
	}

	return roles
}
