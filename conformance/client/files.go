package main

import (
	"context"
	"io"
	"strings"

	"google.golang.org/grpc/codes"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
)

// checkFiles reads and lists files of the kernel, as tools do that look after graphics cards.
func checkFiles(s *suite) {
	for _, node := range s.samples() {
		s.on(node, "Read a file", func(ctx context.Context) error {
			content, err := s.readFile(ctx, node, "/etc/os-release")

			return all(err, want(strings.Contains(content, "VERSION_ID="+s.release(node)+"\n"), "it is %q", content))
		})

		s.on(node, "Read what is no file", func(ctx context.Context) error {
			_, missing := s.readFile(ctx, node, "/riddles")
			_, directory := s.readFile(ctx, node, "/sys/module")

			return all(
				wantCode(missing, codes.NotFound, "stat /riddles: no such file or directory"),
				wantCode(directory, codes.Unknown, "path must be a regular file"),
			)
		})

		s.on(node, "List a directory", func(ctx context.Context) error {
			return s.checkList(ctx, node)
		})

		s.on(node, "List what is not there", func(ctx context.Context) error {
			_, err := s.listFiles(ctx, node, &machine.ListRequest{Root: "/riddles"})

			return wantCode(err, codes.Unknown, "lstat /riddles: no such file or directory")
		})
	}

	node := s.node(nvidiaNode)

	s.on(node, "List the driver of its cards", func(ctx context.Context) error {
		bound, err := s.listFiles(ctx, node, &machine.ListRequest{Root: "/sys/bus/pci/drivers/nvidia"})
		if err != nil {
			return err
		}

		links := 0

		for _, entry := range bound {
			if entry.GetLink() == "" {
				continue
			}

			links++

			if err = wantMatch("a link", entry.GetLink(), entry.GetRelativeName()+"$"); err != nil {
				return err
			}
		}

		return wantEqual("cards that are bound", links, cards[nvidiaNode].count)
	})
}

func (s *suite) readFile(ctx context.Context, node Node, path string) (string, error) {
	reader, err := s.asAdmin(node).Read(ctx, path)
	if err != nil {
		return "", err
	}

	content, err := io.ReadAll(reader)

	return string(content), err
}

func (s *suite) listFiles(ctx context.Context, node Node, request *machine.ListRequest) ([]*machine.FileInfo, error) {
	stream, err := s.asAdmin(node).LS(ctx, request)
	if err != nil {
		return nil, err
	}

	return collect(stream.Recv)
}

// checkList wants a directory with what is in it, in order; of one type only; and further down.
func (s *suite) checkList(ctx context.Context, node Node) error {
	flat, err := s.listFiles(ctx, node, &machine.ListRequest{Root: "/proc/sys/kernel/"})
	if err != nil {
		return err
	}

	deep, err := s.listFiles(ctx, node, &machine.ListRequest{Root: "/proc/sys/kernel", Recurse: true})
	if err != nil {
		return err
	}

	files, err := s.listFiles(ctx, node, &machine.ListRequest{
		Root: "/proc/sys/kernel", Recurse: true, Types: []machine.ListRequest_Type{machine.ListRequest_REGULAR},
	})
	if err != nil {
		return err
	}

	single, err := s.listFiles(ctx, node, &machine.ListRequest{Root: "/etc/os-release"})
	if err != nil {
		return err
	}

	return all(
		wantEqual("entries", relativeNames(flat), []string{".", "random"}),
		wantEqual("entries further down", relativeNames(deep), []string{".", "random", "random/boot_id"}),
		wantEqual("files", relativeNames(files), []string{"random/boot_id"}),
		wantEqual("a file", relativeNames(single), []string{"os-release"}),
		wantEqual("name", flat[1].GetName(), "/proc/sys/kernel/random"),
		wantEqual("is a directory", flat[1].GetIsDir(), true),
	)
}

func relativeNames(entries []*machine.FileInfo) []string {
	names := make([]string, 0, len(entries))
	for _, entry := range entries {
		names = append(names, entry.GetRelativeName())
	}

	return names
}
