package main

import (
	"time"

	"github.com/cosi-project/runtime/api/v1alpha1"
	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/cosi-project/runtime/pkg/resource/protobuf"
)

// checkMetadata wants what COSI's own code reads: all that it cannot read, it refuses; the rest is checked here.
func checkMetadata(message *v1alpha1.Metadata, kind Kind) error {
	metadata, err := resource.NewMetadataFromProto(message)
	if err != nil {
		return err
	}

	now := time.Now().Add(time.Hour)

	return all(
		wantEqual("owner", metadata.Owner(), kind.Owner),
		wantEqual("phase", metadata.Phase(), resource.PhaseRunning),
		wantEqual("type", metadata.Type(), kind.Type),
		wantEqual("namespace", metadata.Namespace(), kind.Namespace),
		want(metadata.Version().Value() > 0, "version is %s", metadata.Version()),
		want(metadata.Created().Year() > 2000 && metadata.Created().Before(now), "created at %s", metadata.Created()),
		want(!metadata.Updated().Before(metadata.Created()), "updated before it was created: %s", metadata.Updated()),
	)
}

// checkEncodings decodes the protobuf and encodes the Go value again, as a node does: both encodings must come out as they came.
func (s *suite) checkEncodings(node Node, message *v1alpha1.Resource) error {
	received, err := protobuf.Unmarshal(message)
	if err != nil {
		return err
	}

	value, err := protobuf.UnmarshalResource(received)
	if err != nil {
		return err
	}

	encoded, err := protobuf.FromResource(value)
	if err != nil {
		return err
	}

	again, err := encoded.Marshal()
	if err != nil {
		return err
	}

	if s.minor(node) >= libraryMinor {
		return wantEqual("YAML", message.GetSpec().GetYamlSpec(), again.GetSpec().GetYamlSpec())
	}

	return withinYAML(message.GetSpec().GetYamlSpec(), again.GetSpec().GetYamlSpec())
}
