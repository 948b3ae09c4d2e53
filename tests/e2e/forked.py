from benchmarks.forked import *  # noqa: F403
