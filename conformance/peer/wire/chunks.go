// Package wire cuts bytes as a node does.
package wire

// chunkBytes is the size of a frame of Read, Copy, logs and snapshots.
const chunkBytes = 1024

// Chunks sends bytes in frames.
func Chunks(bytes []byte, send func([]byte) error) error {
	for len(bytes) > 0 {
		size := min(chunkBytes, len(bytes))
		if err := send(bytes[:size]); err != nil {
			return err
		}
		bytes = bytes[size:]
	}

	return nil
}
