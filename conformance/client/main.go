// Command client asks a fleet of Talos nodes everything that Talos' own client library can ask of them, and checks that the
// answers are what nodes of their releases give.
//
// It reads one JSON object from its input (type Input) and writes one line of JSON for each check:
// {"check": "cp-01 v1.14.0: Version", "ok": true}, or with "ok": false and "why". It exits with 0 when it came to its end,
// whatever the verdicts, and with 2 when it could not run. The fleet is used up: nodes are upgraded, reset and shut down.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// limit ends a run that hangs.
const limit = 4 * time.Minute

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func run() error {
	var input Input
	if err := json.NewDecoder(os.Stdin).Decode(&input); err != nil {
		return fmt.Errorf("the input cannot be read: %w", err)
	}

	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()

	s, err := newSuite(ctx, input)
	if err != nil {
		return err
	}
	defer s.close()

	// What only looks comes first, what uses nodes up last.
	for _, group := range []func(*suite){
		checkVersions,
		checkCatalogue,
		checkContents,
		checkRefusals,
		checkWatches,
		checkServices,
		checkLogs,
		checkStats,
		checkFiles,
		checkEvents,
		checkRoles,
		checkProxying,
		checkAbsentCalls,
		checkEtcd,
		checkCredentials,
		checkHealth,
		checkApply,
		checkMaintenance,
		checkImages,
		checkLifecycle,
		checkLegacyUpgrade,
		checkReboot,
		checkSequences,
		checkLeaving,
		checkCalls,
	} {
		group(s)
	}

	return s.failure
}
