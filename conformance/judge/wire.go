package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	_ "github.com/cosi-project/runtime/api/v1alpha1" // registers the messages of resources
	_ "github.com/siderolabs/talos/pkg/machinery/api/common"
	_ "github.com/siderolabs/talos/pkg/machinery/api/machine"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"
)

type wireInput struct {
	Message string          `json:"message"`
	Value   json.RawMessage `json:"value"`
	Bytes   []byte          `json:"bytes"`
}

func descriptorOf(name string) (protoreflect.MessageDescriptor, error) {
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
	if err != nil {
		return nil, err
	}

	descriptor, ok := found.(protoreflect.MessageDescriptor)
	if !ok {
		return nil, fmt.Errorf("%s is no message", name)
	}

	return descriptor, nil
}

// wireShape tells whether this release has the message, and its fields by name.
func wireShape(raw json.RawMessage) (any, error) {
	descriptor, err := descriptorOf(read[wireInput](raw).Message)
	if err != nil {
		return nil, err
	}

	fields := map[string]int32{}
	for index := range descriptor.Fields().Len() {
		field := descriptor.Fields().Get(index)
		fields[string(field.Name())] = int32(field.Number())
	}

	return fields, nil
}

// wireWrite encodes a value: objects by field name, whole numbers as text where they have 64 bits, bytes as base64.
func wireWrite(raw json.RawMessage) (any, error) {
	input := read[wireInput](raw)

	descriptor, err := descriptorOf(input.Message)
	if err != nil {
		return nil, err
	}

	message := dynamicpb.NewMessage(descriptor)

	// Numbers as their text: as floats, wide ones would lose digits.
	decoder := json.NewDecoder(bytes.NewReader(input.Value))
	decoder.UseNumber()

	var value map[string]any
	if err = decoder.Decode(&value); err != nil {
		return nil, err
	}

	if err = fill(message, value); err != nil {
		return nil, err
	}

	return proto.MarshalOptions{Deterministic: true}.Marshal(message)
}

// wireRead decodes bytes to a value of the same form; unset members are absent. Bytes that belong to no field are refused.
func wireRead(raw json.RawMessage) (any, error) {
	input := read[wireInput](raw)

	descriptor, err := descriptorOf(input.Message)
	if err != nil {
		return nil, err
	}

	message := dynamicpb.NewMessage(descriptor)
	if err = proto.Unmarshal(input.Bytes, message); err != nil {
		return nil, err
	}

	return spell(message)
}
