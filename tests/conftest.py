"""For every test."""

import gc

from orchestration.cli import GARBAGE_THRESHOLDS

# The tests run the command in their own process, which does at its start what the installed command does.
gc.set_threshold(*GARBAGE_THRESHOLDS)
