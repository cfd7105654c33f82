package main

import (
	"fmt"
	"net/netip"

	"github.com/siderolabs/talos/pkg/machinery/nethelpers"
	"github.com/siderolabs/talos/pkg/machinery/resources/network"
)

func checkHostname(r *reading) error {
	hostname, err := resourceOf[*network.HostnameStatus](r, network.HostnameID)
	if err != nil {
		return err
	}

	status, err := resourceOf[*network.Status](r, network.StatusID)
	if err != nil {
		return err
	}

	return all(
		wantEqual("host name", hostname.TypedSpec().Hostname, r.truth.Hostname),
		wantEqual("network", *status.TypedSpec(), network.StatusSpec{
			AddressReady: true, ConnectivityReady: true, HostnameReady: true, EtcFilesReady: true,
		}),
	)
}

func checkNodeAddresses(r *reading) error {
	for _, id := range []string{network.NodeAddressDefaultID, network.NodeAddressCurrentID, network.NodeAddressAccumulativeID} {
		addresses, err := resourceOf[*network.NodeAddress](r, id)
		if err != nil {
			return err
		}

		wanted, err := netip.ParsePrefix(r.node.Address + "/8")
		if err != nil {
			return err
		}

		if err = wantEqual(id, addresses.TypedSpec().Addresses, []netip.Prefix{wanted}); err != nil {
			return err
		}
	}

	return nil
}

// checkLinks wants a physical link that is up, with the loopback.
func checkLinks(r *reading) error {
	links, err := resourcesOf[*network.LinkStatus](r)
	if err != nil {
		return err
	}

	up := 0

	for name, link := range links {
		spec := link.TypedSpec()
		if !spec.Physical() {
			continue
		}

		if spec.OperationalState != nethelpers.OperStateUp {
			continue
		}

		up++

		if err = all(
			wantMatch("hardware address of "+name, net48(spec.HardwareAddr), `^([0-9a-f]{2}:){5}[0-9a-f]{2}$`),
			want(spec.LinkState && spec.SpeedMegabits > 0, "%s: %+v", name, spec),
			want(spec.Driver != "" && spec.BusPath != "" && spec.Vendor != "", "%s: %+v", name, spec),
			want(spec.Flags.String() == "UP,BROADCAST,RUNNING,MULTICAST,LOWER_UP", "%s: %s", name, spec.Flags),
		); err != nil {
			return err
		}
	}

	loopback := links["lo"]

	return all(
		want(up > 0, "no physical link is up of %d", len(links)),
		want(loopback != nil && loopback.TypedSpec().Type == nethelpers.LinkLoopbck, "the loopback is %v", loopback),
	)
}

func net48(address nethelpers.HardwareAddr) string {
	text, err := address.MarshalText()
	if err != nil {
		return err.Error()
	}

	return string(text)
}

// checkAddressesAndRoutes wants ids as the library makes them of what the resources say.
func checkAddressesAndRoutes(r *reading) error {
	addresses, err := resourcesOf[*network.AddressStatus](r)
	if err != nil {
		return err
	}

	own := false

	for id, address := range addresses {
		spec := address.TypedSpec()
		own = own || spec.Local.String() == r.node.Address

		if err = wantEqual("id", id, network.AddressID(spec.LinkName, spec.Address)); err != nil {
			return err
		}
	}

	routes, err := resourcesOf[*network.RouteStatus](r)
	if err != nil {
		return err
	}

	byDefault := false

	for id, route := range routes {
		spec := route.TypedSpec()
		byDefault = byDefault || (!spec.Destination.IsValid() && spec.Gateway.IsValid())

		wanted := network.RouteID(spec.Table, spec.Family, spec.Destination, spec.Gateway, spec.Priority, spec.OutLinkName)
		if err = wantEqual("id", id, wanted); err != nil {
			return err
		}
	}

	return all(
		want(own, "its own address is not among %d", len(addresses)),
		want(byDefault, "no default route among %d", len(routes)),
	)
}

func checkNetworkServers(r *reading) error {
	resolvers, err := resourceOf[*network.ResolverStatus](r, network.ResolverID)
	if err != nil {
		return err
	}

	times, err := resourceOf[*network.TimeServerStatus](r, network.TimeServerID)
	if err != nil {
		return err
	}

	if len(resolvers.TypedSpec().DNSServers) == 0 || len(times.TypedSpec().NTPServers) == 0 {
		return fmt.Errorf("%+v, %+v", resolvers.TypedSpec(), times.TypedSpec())
	}

	return nil
}
