"""Landing folders to try Liucun on: a company with known truth, and real data that open packages carry."""

from collections.abc import Callable
from pathlib import Path

from samples import cdnow, complete_journey
from samples.packages import SampleError

__all__ = ["MAKERS", "SampleError", "make_landing"]


def _make_demo(landing: Path) -> list[Path]:
    # What it needs to generate takes time to import, and nobody else needs it.
    from samples.demo import make

    return make(landing)


MAKERS: dict[str, Callable[[Path], list[Path]]] = {
    "complete_journey": complete_journey.make,
    "cdnow": cdnow.make,
    "demo": _make_demo,
}


def make_landing(name: str, landing: Path) -> list[Path]:
    """Write the extracts of the sample ``name`` that ``landing`` does not hold yet.

    Files appear whole or not at all, with the same bytes each time. Returns the files written, in order; an
    empty list says that everything was there. Raises SampleError where the sample is unknown, or where the
    package that carries its data is not installed.
    """
    if name not in MAKERS:
        raise SampleError(f"There is no sample named '{name}'. Known samples: {', '.join(MAKERS)}.")
    return MAKERS[name](landing)
