package api

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	peer "ichor.example/conformance/peer/machine"
	"ichor.example/conformance/peer/wire"
)

const missing = "no such file or directory"

// wanted tells whether an entry is of one of the types that were asked for.
func wanted(mode fs.FileMode, types []machine.ListRequest_Type) bool {
	for _, kind := range types {
		switch {
		case kind == machine.ListRequest_REGULAR && mode.IsRegular(), kind == machine.ListRequest_DIRECTORY && mode.IsDir(),
			kind == machine.ListRequest_SYMLINK && mode&fs.ModeSymlink != 0:
			return true
		}
	}

	return len(types) == 0
}

// entry is a line of a listing. A node gives the file mode in Go's bits.
func entry(name, relative string, file peer.File) *machine.FileInfo {
	return &machine.FileInfo{
		Name: name, RelativeName: relative, Size: int64(len(file.Text)), Mode: uint32(file.Mode), IsDir: file.Mode.IsDir(), Link: file.Link,
	}
}

// List walks a directory; one that is not there fails the stream, rather than being an entry with an error.
func (service *machineService) List(request *machine.ListRequest, stream machine.MachineService_ListServer) error {
	root := path.Clean("/" + request.Root)
	files := service.boot.Files()

	top, known := files[root]
	if !known {
		return fmt.Errorf("lstat %s: %s", root, missing)
	}

	depth := 0
	if request.Recurse {
		depth = int(request.RecursionDepth)
		if depth == 0 {
			depth = -1
		}
	}

	if !top.Mode.IsDir() {
		return stream.Send(entry(root, path.Base(root), top))
	}

	if wanted(top.Mode, request.Types) {
		if err := stream.Send(entry(root, ".", top)); err != nil {
			return err
		}
	}

	for _, name := range files.Under(root) {
		relative := strings.TrimPrefix(strings.TrimPrefix(name, root), "/")
		// The root itself is level 0; its entries are always listed.
		if depth >= 0 && strings.Count(relative, "/") > max(0, depth-1) {
			continue
		}

		if wanted(files[name].Mode, request.Types) {
			if err := stream.Send(entry(name, relative, files[name])); err != nil {
				return err
			}
		}
	}

	return nil
}

// Read sends a regular file.
func (service *machineService) Read(request *machine.ReadRequest, stream machine.MachineService_ReadServer) error {
	file, known := service.boot.Files()[request.Path]

	switch {
	case !known:
		return status.Errorf(codes.NotFound, "stat %s: %s", request.Path, missing)
	case !file.Mode.IsRegular():
		return fmt.Errorf("only a regular file can be read")
	default:
		return wire.Chunks([]byte(file.Text), sendBytes(stream))
	}
}
