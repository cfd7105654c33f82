package main

import (
	"context"
	"regexp"
	"strings"
)

// dmesgRecord is a line of the kernel log as Dmesg writes it.
var dmesgRecord = regexp.MustCompile(`^[a-z0-9]+: +[a-z]+: \[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*[1-9])?Z\]: .`)

// checkDmesg reads the kernel log to its end, and then only what a restart of the kubelet adds, which Talos writes there.
func (s *suite) checkDmesg(ctx context.Context, node Node) error {
	c := s.asAdmin(node)

	stream, err := c.Dmesg(ctx, false, false)
	if err != nil {
		return err
	}

	records, err := collect(stream.Recv)
	if err != nil {
		return err
	}

	for _, record := range records {
		text := string(record.GetBytes())
		if !dmesgRecord.MatchString(text) || strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "\n") {
			return want(false, "a record is %q", text)
		}
	}

	following, err := c.Dmesg(ctx, true, true)
	if err != nil {
		return err
	}

	// Only what comes after it is there is told, so something must happen until it is.
	heard := make(chan error, 1)

	go func() {
		record, err := following.Recv()
		if err == nil && !strings.Contains(string(record.GetBytes()), "service[kubelet]") {
			err = want(false, "it is told of %q", record.GetBytes())
		}

		heard <- err
	}()

	err = eventually(ctx, func() error {
		if err := s.restartKubelet(ctx, node); err != nil {
			return err
		}

		select {
		case err := <-heard:
			heard <- err

			return nil
		default:
			return want(false, "nothing follows")
		}
	})

	return all(err, want(len(records) > 20, "only %d records", len(records)), <-heard)
}
