package machine

import (
	"errors"
	"strings"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// metal is a machine that is no container, and has to be installed while it is not.
type metal struct{ installed bool }

func (metal) String() string             { return "metal" }
func (mode metal) RequiresInstall() bool { return !mode.installed }
func (metal) InContainer() bool          { return false }

// applyMode is how a config is to be applied.
type applyMode = machine.ApplyConfigurationRequest_Mode

const (
	modeReboot   = machine.ApplyConfigurationRequest_REBOOT //nolint:staticcheck // older releases take it
	modeAuto     = machine.ApplyConfigurationRequest_AUTO
	modeNoReboot = machine.ApplyConfigurationRequest_NO_REBOOT
	modeStaged   = machine.ApplyConfigurationRequest_STAGED
	modeTry      = machine.ApplyConfigurationRequest_TRY
)

// Apply takes a config as ApplyConfiguration does; the caller has checked who asks.
func (boot *Boot) Apply(request *machine.ApplyConfigurationRequest) (*machine.ApplyConfiguration, error) {
	if !boot.applying.TryLock() {
		return nil, status.Error(codes.FailedPrecondition, "a config is being applied at this moment")
	}
	defer boot.applying.Unlock()

	if request.Mode != modeTry {
		boot.cancelRevert()
	}

	provider, err := configloader.NewFromBytes(request.GetData())
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}

	if !boot.Maintenance() && provider.RawV1Alpha1() == nil {
		return nil, status.Error(codes.InvalidArgument, "a config that runs cannot be replaced by one without v1alpha1")
	}

	mode, details, err := boot.effective(request.Mode)
	if err != nil {
		return nil, err
	}

	warnings, err := provider.ValidateAtRuntime(boot.Context, boot.State, metal{boot.Machine.Disk().Installed})
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}

	if request.DryRun {
		diff, err := boot.diff(provider)

		return &machine.ApplyConfiguration{Mode: mode, ModeDetails: "Dry run summary:\n" + details + " (skipped in dry-run).\n" + diff}, err
	}

	timeout := constants.ConfigTryTimeout
	if request.TryModeTimeout != nil {
		timeout = request.TryModeTimeout.AsDuration()
	}

	if mode == modeTry {
		details += "\nThe config is taken back by itself in " + timeout.String()
	}

	if err = boot.carryOut(mode, provider, timeout); err != nil {
		return nil, err
	}

	return &machine.ApplyConfiguration{Mode: mode, Warnings: warnings, ModeDetails: details}, nil
}

// effective is the mode that a config is applied in, and what that means.
func (boot *Boot) effective(asked applyMode) (applyMode, string, error) {
	modern := boot.Release.Since(14)

	switch {
	case asked == modeReboot && boot.Maintenance(), asked == modeAuto, asked == modeNoReboot:
		return modeNoReboot, "The config holds, without a reboot", nil
	case asked == modeReboot && modern:
		return asked, "", status.Error(codes.Unimplemented, "a config is never applied with a reboot of its own any more: ask for AUTO or NO_REBOOT")
	case asked == modeReboot:
		return asked, "The config holds after the reboot that follows", nil
	case asked == modeTry:
		return asked, "The config holds, without a reboot", nil
	case asked == modeStaged:
		return asked, "The config waits for the next reboot", nil
	default:
		return asked, "", status.Errorf(codes.InvalidArgument, "there is no mode %d", asked)
	}
}

func (boot *Boot) diff(next config.Provider) (string, error) {
	var before config.Encoder
	if known := boot.Config(); known != nil {
		before = known
	}

	diff, err := diffConfigs(before, next)
	if strings.TrimSpace(diff) == "" {
		diff = "No changes."
	}

	return "Config diff:\n\n" + diff, err
}

func (boot *Boot) carryOut(mode applyMode, next config.Provider, timeout time.Duration) error {
	switch mode {
	case modeTry:
		boot.revertAfter(timeout)
		boot.take(next)

		return nil
	case modeStaged:
		return boot.persist(next)
	case modeReboot:
		if err := boot.persist(next); err != nil {
			return err
		}
		go func() {
			if err := boot.Reboot("", machine.RebootRequest_DEFAULT, true); !errors.Is(err, errLeaving) {
				boot.complain("the reboot after an apply", err)
			}
		}()

		return nil
	default:
		if err := boot.persist(next); err != nil {
			return err
		}
		boot.take(next)

		return nil
	}
}
