"""The commands of stewards, for a warehouse that is ready: lines to print, or one error that says what to do."""

from datetime import datetime

from orchestration.erasure.people import customers_by_record
from orchestration.lock import hold
from orchestration.prepare import Prepared
from orchestration.publish.manifest import current_manifest
from orchestration.publish.state import chain
from orchestration.stewards import decide as deciding
from orchestration.stewards.decide import Decision
from orchestration.stewards.people import People
from orchestration.stewards.review import review as review_queue
from orchestration.stewards.sample import sample as draw_sample
from orchestration.stewards.show import View
from orchestration.stewards.why import why as why_records


def decide(prepared: Prepared, decision: Decision) -> list[str]:
    """``merge``, ``split`` and ``revoke``."""
    folders = prepared.folders
    with hold(folders.root):
        current = current_manifest(folders)
        known_on = current.known_on if current else None
        people = People(customers_by_record(folders, chain(folders)))
        return deciding.decide(folders.overrides, decision, people, prepared.sources, known_on, folders.options)


def label(prepared: Prepared, left: str, right: str, word: str, by: str, at: datetime) -> list[str]:
    """``label``."""
    with hold(prepared.folders.root):
        return deciding.label(prepared.folders.overrides, left, right, word, by, at, prepared.folders.options)


def review(prepared: Prepared, limit: int, is_open: bool) -> list[str]:
    """``review``; ``is_open``: with personal values."""
    warehouse = prepared.warehouse
    return review_queue(
        prepared.folders, limit, _view(prepared, is_open), warehouse.currency, warehouse.identity.largest_cluster
    )


def sample(prepared: Prepared, count: int, seed: int, is_open: bool) -> list[str]:
    """``review --sample``."""
    return draw_sample(prepared.folders, count, seed, _view(prepared, is_open))


def why(prepared: Prepared, texts: list[str], is_open: bool) -> list[str]:
    """``why``."""
    return why_records(prepared.folders, texts, _view(prepared, is_open), prepared.warehouse.identity.largest_cluster)


def _view(prepared: Prepared, is_open: bool) -> View:
    return View(is_open, prepared.folders.options)
