package main

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
	clientconfig "github.com/siderolabs/talos/pkg/machinery/client/config"
)

// checkMinted has a talosconfig made for roles, looks at it, and uses it.
func (s *suite) checkMinted(ctx context.Context, node Node, roles []string) error {
	reply, err := s.asAdmin(node).GenerateClientConfiguration(ctx, &machine.GenerateClientConfigurationRequest{
		Roles: roles, CrtTtl: durationpb.New(time.Hour),
	})
	if err != nil {
		return err
	}

	message := reply.GetMessages()[0]

	config, err := clientconfig.FromBytes(message.GetTalosconfig())
	if err != nil {
		return err
	}

	name := *node.Cluster
	if len(roles) == 1 {
		name = roles[0][len("os:"):] + "@" + name
	}

	made, ok := config.Contexts[config.Context]
	if !ok {
		return fmt.Errorf("no context %q", config.Context)
	}

	certificate, err := certificateOf(made.Crt)
	if err != nil {
		return err
	}

	if err = all(
		wantEqual("context", config.Context, name),
		wantEqual("endpoints", len(made.Endpoints), 0),
		wantEqual("authority", made.CA, s.configs[admin].Contexts[s.configs[admin].Context].CA),
		want(len(certificate.Subject.Organization) == len(roles), "organizations %v", certificate.Subject.Organization),
		want(time.Until(certificate.NotAfter) <= time.Hour, "valid until %s", certificate.NotAfter),
	); err != nil {
		return err
	}

	c, err := client.New(ctx, client.WithConfig(config), client.WithEndpoints(node.Endpoint))
	if err != nil {
		return err
	}
	defer c.Close() //nolint:errcheck

	return useMinted(ctx, c, roles)
}

// useMinted makes calls of which the roles allow some.
func useMinted(ctx context.Context, c *client.Client, roles []string) error {
	may := map[string]bool{}

	for _, role := range roles {
		switch role {
		case "os:operator":
			may["Version"], may["EtcdSnapshot"], may["ServiceRestart"] = true, true, true
		case "os:etcd:backup":
			may["EtcdSnapshot"] = true
		case reader:
			may["Version"] = true
		}
	}

	for _, one := range append(forReaders[:1:1], forAdmins[3], forAdmins[5], forAdmins[10]) {
		err := one.do(ctx, c)
		if may[one.name] && err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}

		if !may[one.name] {
			if err = wantCode(err, codes.PermissionDenied, "not authorized"); err != nil {
				return fmt.Errorf("%s: %w", one.name, err)
			}
		}
	}

	return nil
}
