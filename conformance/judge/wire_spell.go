package main

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"
)

func spell(message protoreflect.Message) (map[string]any, error) {
	if unknown := message.GetUnknown(); len(unknown) > 0 {
		return nil, fmt.Errorf("%s has no field for the bytes %x", message.Descriptor().FullName(), unknown)
	}

	var failure error

	value := map[string]any{}

	message.Range(func(field protoreflect.FieldDescriptor, member protoreflect.Value) bool {
		value[string(field.Name())], failure = spellField(field, member)

		return failure == nil
	})

	return value, failure
}

func spellField(field protoreflect.FieldDescriptor, member protoreflect.Value) (any, error) {
	var failure error

	switch {
	case field.IsMap():
		entries := map[string]any{}

		member.Map().Range(func(key protoreflect.MapKey, item protoreflect.Value) bool {
			entries[key.String()], failure = spellSingle(field.MapValue(), item)

			return failure == nil
		})

		return entries, failure
	case field.IsList():
		list := make([]any, member.List().Len())
		for index := range list {
			if list[index], failure = spellSingle(field, member.List().Get(index)); failure != nil {
				return nil, failure
			}
		}

		return list, nil
	default:
		return spellSingle(field, member)
	}
}

func spellSingle(field protoreflect.FieldDescriptor, item protoreflect.Value) (any, error) {
	switch field.Kind() { //nolint:exhaustive // the default spells the rest
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return spell(item.Message())
	case protoreflect.BytesKind:
		return item.Bytes(), nil
	case protoreflect.EnumKind:
		return int32(item.Enum()), nil
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind,
		protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return item.String(), nil
	default:
		return item.Interface(), nil
	}
}
