package machine

import (
	"net/netip"

	"github.com/siderolabs/talos/pkg/machinery/nethelpers"
	"github.com/siderolabs/talos/pkg/machinery/resources/network"

	"ichor.example/conformance/peer/spec"
)

// NIC is the name of the only network card.
const NIC = "enp7s0"

func (machine *Machine) mac() nethelpers.HardwareAddr {
	mac := nethelpers.HardwareAddr{0x3c, 0xec, 0xef}
	for _, digit := range []byte(machine.seeded("mac", 3)) {
		mac = append(mac, digit)
	}

	return mac
}

// publishNetwork says how the machine is called and where it is reached.
func (boot *Boot) publishNetwork() {
	ip := boot.Machine.Spec.IP()

	put(boot, "network.HostnameSpecController", network.NewHostnameStatus(network.NamespaceName, network.HostnameID), func(status *network.HostnameStatus) {
		status.TypedSpec().Hostname = boot.Hostname()
	})
	put(boot, "network.StatusController", network.NewStatus(network.NamespaceName, network.StatusID), func(status *network.Status) {
		*status.TypedSpec() = network.StatusSpec{AddressReady: true, ConnectivityReady: true, HostnameReady: true, EtcFilesReady: true}
	})

	for _, id := range []string{
		network.NodeAddressDefaultID, network.NodeAddressCurrentID, network.NodeAddressAccumulativeID, network.NodeAddressRoutedID,
	} {
		put(boot, "network.NodeAddressController", network.NewNodeAddress(network.NamespaceName, id), func(addresses *network.NodeAddress) {
			*addresses.TypedSpec() = network.NodeAddressSpec{
				Addresses: []netip.Prefix{netip.PrefixFrom(ip, 8)}, SortAlgorithm: nethelpers.AddressSortAlgorithmV1,
			}
		})
	}

	put(boot, "network.AddressStatusController", network.NewAddressStatus(network.NamespaceName, NIC+"/"+ip.String()+"/8"), func(status *network.AddressStatus) {
		*status.TypedSpec() = network.AddressStatusSpec{
			Address: netip.PrefixFrom(ip, 8), Local: ip, LinkIndex: 2, LinkName: NIC, Family: nethelpers.FamilyInet4,
			Scope: nethelpers.ScopeGlobal, Flags: nethelpers.AddressFlags(nethelpers.AddressPermanent),
		}
	})
	put(boot, "network.RouteStatusController", network.NewRouteStatus(network.NamespaceName, "inet4//127.0.0.1//1024"), func(route *network.RouteStatus) {
		*route.TypedSpec() = network.RouteStatusSpec{
			Family: nethelpers.FamilyInet4, Gateway: netip.AddrFrom4([4]byte{127, 0, 0, 1}), OutLinkIndex: 2, OutLinkName: NIC,
			Table: nethelpers.TableMain, Priority: 1024, Scope: nethelpers.ScopeGlobal, Type: nethelpers.TypeUnicast,
			Protocol: nethelpers.ProtocolBoot,
		}
	})
	boot.publishLinks()
}

func (boot *Boot) publishLinks() {
	put(boot, "network.LinkStatusController", network.NewLinkStatus(network.NamespaceName, NIC), func(link *network.LinkStatus) {
		*link.TypedSpec() = network.LinkStatusSpec{
			Index: 2, Type: nethelpers.LinkEther, HardwareAddr: boot.Machine.mac(), PermanentAddr: boot.Machine.mac(), MTU: 1500,
			Flags:     nethelpers.LinkFlags(nethelpers.LinkUp | nethelpers.LinkBroadcast | nethelpers.LinkRunning),
			QueueDisc: "mq", OperationalState: nethelpers.OperStateUp, BusPath: spec.NICAddress, PCIID: "8086:1563", Driver: "ixgbe",
			LinkState: true, SpeedMegabits: 10000, Port: nethelpers.TwistedPair, Duplex: nethelpers.Full,
		}
	})
	put(boot, "network.LinkStatusController", network.NewLinkStatus(network.NamespaceName, "lo"), func(link *network.LinkStatus) {
		*link.TypedSpec() = network.LinkStatusSpec{
			Index: 1, Type: nethelpers.LinkLoopbck, MTU: 65536, QueueDisc: "noqueue", OperationalState: nethelpers.OperStateUnknown,
			LinkState: true, Port: nethelpers.Other, Duplex: nethelpers.Unknown,
		}
	})
}
