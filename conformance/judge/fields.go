package main

import (
	"encoding"
	"encoding/json"
	"reflect"
	"runtime/debug"
	"strings"
	"sync"
	"time"
	_ "unsafe" // for go:linkname

	"github.com/siderolabs/talos/pkg/machinery/config/config"
	_ "github.com/siderolabs/talos/pkg/machinery/config/configloader" // registers the documents
	"go.yaml.in/yaml/v4"
)

// documents is the registry of document kinds, which the library keeps to itself.
//
//go:linkname documents github.com/siderolabs/talos/pkg/machinery/config/internal/registry.registry
var documents *struct {
	m          sync.Mutex
	registered map[string]func(version string) config.Document
}

// fieldTable says how a release decodes its config documents; lib/machine-config/fields/table.ts explains the notation.
type fieldTable struct {
	Machinery string                       `json:"machinery"`
	Kinds     map[string]string            `json:"kinds"`
	Structs   map[string]map[string]string `json:"structs"`
	Named     map[string]namedType         `json:"named"`
}

// namedType is a type with a decoder of its own.
type namedType struct {
	// Decoder is text (UnmarshalText) or yaml (UnmarshalYAML).
	Decoder string `json:"decoder"`
	// Base is the type beneath.
	Base string `json:"base"`
	// Fields are the keys of a mapping that the decoder takes.
	Fields map[string]string `json:"fields,omitempty"`
	// Words are the texts that an enumeration knows.
	Words []string `json:"words,omitempty"`
	// What else the decoder of an enumeration takes, as it was seen to.
	IgnoresCase bool `json:"ignoresCase,omitempty"`
	Joined      bool `json:"joined,omitempty"`
	Empty       bool `json:"empty,omitempty"`
}

// judgeFields gives the field table of the release.
func judgeFields(json.RawMessage) (any, error) {
	table := fieldTable{
		Machinery: machineryVersion(),
		Kinds:     map[string]string{},
		Structs:   map[string]map[string]string{},
		Named:     map[string]namedType{},
	}

	for kind, create := range documents.registered {
		document := create("v1alpha1")
		if document == nil {
			document = create("")
		}

		table.Kinds[kind] = table.of(reflect.TypeOf(document).Elem())
	}

	return table, nil
}

func machineryVersion() string {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if module.Path == "github.com/siderolabs/talos/pkg/machinery" {
			return strings.TrimPrefix(module.Version, "v")
		}
	}

	return ""
}

var (
	nodeDecoder = reflect.TypeFor[yaml.Unmarshaler]()
	callDecoder = reflect.TypeFor[interface{ UnmarshalYAML(func(any) error) error }]()
	textDecoder = reflect.TypeFor[encoding.TextUnmarshaler]()
	textWriter  = reflect.TypeFor[encoding.TextMarshaler]()
)

// of names a type, and notes the structs and decoders that it meets.
func (table *fieldTable) of(typ reflect.Type) string {
	pointer := reflect.PointerTo(typ)

	switch {
	case typ.Kind() == reflect.Pointer:
		return "*" + table.of(typ.Elem())
	case typ == reflect.TypeFor[time.Duration]():
		return "duration"
	case pointer.Implements(nodeDecoder), pointer.Implements(callDecoder):
		return table.named(typ, namedType{Decoder: "yaml"})
	case pointer.Implements(textDecoder):
		return table.named(typ, enumeration(typ))
	}

	return table.plain(typ)
}

// plain names a type by its kind alone.
func (table *fieldTable) plain(typ reflect.Type) string {
	switch typ.Kind() { //nolint:exhaustive // the others are scalars
	case reflect.Interface:
		return "any"
	case reflect.Slice:
		if typ.Elem().Kind() == reflect.Uint8 {
			return "bytes"
		}

		return "[]" + table.of(typ.Elem())
	case reflect.Map:
		return "map[" + table.of(typ.Key()) + "]" + table.of(typ.Elem())
	case reflect.Struct:
		return table.structure(typ)
	default:
		return typ.Kind().String()
	}
}

func (table *fieldTable) named(typ reflect.Type, found namedType) string {
	name := typ.String()
	if _, known := table.Named[name]; known {
		return name
	}

	table.Named[name] = found

	if typ.Kind() == reflect.Struct {
		found.Base = "struct"
		found.Fields = table.keyed(typ)
	} else {
		found.Base = table.plain(typ)
	}

	table.Named[name] = found

	return name
}

// keyed are the members of a mapping that a decoder takes: the parts of a certificate, which are bytes written as base64.
func (table *fieldTable) keyed(typ reflect.Type) map[string]string {
	fields := map[string]string{}

	for index := range typ.NumField() {
		if field := typ.Field(index); field.IsExported() && field.Type == reflect.TypeFor[[]byte]() {
			fields[strings.ToLower(field.Name)] = table.of(field.Type)
		}
	}

	return fields
}

// structure notes the fields by their keys; those of inlined structs belong to the outer one.
func (table *fieldTable) structure(typ reflect.Type) string {
	name := typ.String()
	if _, known := table.Structs[name]; known {
		return name
	}

	fields := map[string]string{}
	table.Structs[name] = fields
	table.addFields(fields, typ)

	return name
}

func (table *fieldTable) addFields(fields map[string]string, typ reflect.Type) {
	for index := range typ.NumField() {
		field := typ.Field(index)
		if !field.IsExported() && !field.Anonymous {
			continue
		}

		key, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")

		switch {
		case key == "-":
		case strings.Contains(","+options+",", ",inline,"):
			inlined := field.Type
			for inlined.Kind() == reflect.Pointer {
				inlined = inlined.Elem()
			}

			if inlined.Kind() == reflect.Map {
				fields["*"] = table.of(inlined.Elem())
			} else {
				table.addFields(fields, inlined)
			}
		case key == "":
			fields[strings.ToLower(field.Name)] = table.of(field.Type)
		default:
			fields[key] = table.of(field.Type)
		}
	}
}

// enumeration finds the words of a type over a number by writing each number, and reads them back in other forms.
func enumeration(typ reflect.Type) namedType {
	found := namedType{Decoder: "text"}
	takes := func(text string) bool {
		return reflect.New(typ).Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)) == nil //nolint:forcetypeassert
	}

	if !typ.Implements(textWriter) || !(typ.ConvertibleTo(reflect.TypeFor[uint64]()) && typ.Kind() != reflect.String) {
		return found
	}

	seen := map[string]bool{}

	for _, number := range numbers() {
		value := reflect.ValueOf(number).Convert(typ)

		text, err := value.Interface().(encoding.TextMarshaler).MarshalText() //nolint:forcetypeassert
		word := string(text)

		if err == nil && word != "" && !seen[word] && !strings.Contains(word, ",") && takes(word) {
			seen[word] = true
			found.Words = append(found.Words, word)
		}
	}

	if len(found.Words) > 1 {
		first, second := found.Words[0], found.Words[1]
		found.IgnoresCase = takes(strings.ToUpper(first)) && takes(strings.ToUpper(second)) && strings.ToUpper(second) != second
		found.Joined = takes(first + "," + second)
	}

	found.Empty = takes("")

	return found
}

// numbers are those that an enumeration may give a name: all small ones, and each bit.
func numbers() []uint64 {
	var all []uint64

	for number := range uint64(1 << 16) {
		all = append(all, number)
	}

	for bit := 16; bit < 32; bit++ {
		all = append(all, 1<<bit)
	}

	return all
}
