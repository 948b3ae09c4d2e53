"""The ways a run ends that are not a bug, each with the exit code that the command line promises."""


class LiucunError(Exception):
    """A failure with a message for a person: one paragraph, no traceback needed to act on it."""

    exit_code = 1


class GateRefused(LiucunError):
    """A gate found the data not fit to be published; what was published before stays as it is."""

    exit_code = 2


class BadInput(LiucunError):
    """Configuration, command line or an input file cannot be used; the message names file, key and remedy."""

    exit_code = 3


class LockHeld(LiucunError):
    """Another run is working on the same warehouse."""

    exit_code = 4
