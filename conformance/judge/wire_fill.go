package main

import (
	"encoding/base64"
	"fmt"
	"strconv"

	"google.golang.org/protobuf/reflect/protoreflect"
)

func fill(message protoreflect.Message, value map[string]any) error {
	for name, member := range value {
		field := message.Descriptor().Fields().ByName(protoreflect.Name(name))
		if field == nil {
			return fmt.Errorf("%s has no field %s", message.Descriptor().FullName(), name)
		}

		if err := fillField(message, field, member); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}

	return nil
}

func fillField(message protoreflect.Message, field protoreflect.FieldDescriptor, member any) error {
	switch {
	case field.IsMap():
		entries := message.Mutable(field).Map()
		for key, item := range member.(map[string]any) { //nolint:forcetypeassert // a panic is a refusal
			read, err := scalar(field.MapKey(), key)
			if err != nil {
				return err
			}

			value, err := single(field.MapValue(), item, entries.NewValue)
			if err != nil {
				return err
			}

			entries.Set(read.MapKey(), value)
		}
	case field.IsList():
		list := message.Mutable(field).List()
		for _, item := range member.([]any) { //nolint:forcetypeassert // a panic is a refusal
			value, err := single(field, item, list.NewElement)
			if err != nil {
				return err
			}

			list.Append(value)
		}
	default:
		value, err := single(field, member, func() protoreflect.Value { return message.NewField(field) })
		if err != nil {
			return err
		}

		message.Set(field, value)
	}

	return nil
}

func single(field protoreflect.FieldDescriptor, item any, empty func() protoreflect.Value) (protoreflect.Value, error) {
	if field.Message() == nil {
		return scalar(field, item)
	}

	value := empty()

	return value, fill(value.Message(), item.(map[string]any)) //nolint:forcetypeassert // a panic is a refusal
}

func scalar(field protoreflect.FieldDescriptor, item any) (protoreflect.Value, error) {
	text := fmt.Sprint(item)

	switch field.Kind() { //nolint:exhaustive // the default refuses
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(text == "true"), nil
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(text), nil
	case protoreflect.BytesKind:
		bytes, err := base64.StdEncoding.DecodeString(text)

		return protoreflect.ValueOfBytes(bytes), err
	case protoreflect.EnumKind:
		number, err := strconv.ParseInt(text, 10, 32)

		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(number)), err
	case protoreflect.DoubleKind:
		number, err := strconv.ParseFloat(text, 64)

		return protoreflect.ValueOfFloat64(number), err
	case protoreflect.FloatKind:
		number, err := strconv.ParseFloat(text, 32)

		return protoreflect.ValueOfFloat32(float32(number)), err
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		number, err := strconv.ParseInt(text, 10, 32)

		return protoreflect.ValueOfInt32(int32(number)), err
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		number, err := strconv.ParseUint(text, 10, 32)

		return protoreflect.ValueOfUint32(uint32(number)), err
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		number, err := strconv.ParseInt(text, 10, 64)

		return protoreflect.ValueOfInt64(number), err
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		number, err := strconv.ParseUint(text, 10, 64)

		return protoreflect.ValueOfUint64(number), err
	default:
		return protoreflect.Value{}, fmt.Errorf("no scalar: %s", field.Kind())
	}
}
