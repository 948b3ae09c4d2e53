from samples.shop import *  # noqa: F403
