package main

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// wantEqual tells what differs.
func wantEqual(what string, got, want any) error {
	if reflect.DeepEqual(got, want) {
		return nil
	}

	return fmt.Errorf("%s is %v (%T) instead of %v (%T)", what, got, got, want, want)
}

// wantMatch tells what does not match a pattern.
func wantMatch(what, got, pattern string) error {
	if regexp.MustCompile(pattern).MatchString(got) {
		return nil
	}

	return fmt.Errorf("%s is %q, which does not match %s", what, got, pattern)
}

// want fails with a text unless so.
func want(so bool, format string, arguments ...any) error {
	if so {
		return nil
	}

	return fmt.Errorf(format, arguments...)
}

// wantCode checks how a call was refused; `text` is a part of the reason.
func wantCode(err error, code codes.Code, text string) error {
	if err == nil {
		return fmt.Errorf("it was not refused with %s (%s)", code, text)
	}

	got := status.Code(err)
	if got == codes.Unknown {
		// The client library wraps some refusals; the status is further in.
		var wrapped interface{ GRPCStatus() *status.Status }
		if errors.As(err, &wrapped) {
			got = wrapped.GRPCStatus().Code()
		}
	}

	if got != code || !strings.Contains(err.Error(), text) {
		return fmt.Errorf("it was refused with %s (%q) instead of %s (%q)", got, err, code, text)
	}

	return nil
}

// all runs each check and joins what failed.
func all(checks ...error) error {
	return errors.Join(checks...)
}
