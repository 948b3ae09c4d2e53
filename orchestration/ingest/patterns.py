"""File patterns of contracts: ``*.csv``, or with the load date in the name, ``客户_{load_date:%Y%m%d}.xlsx``."""

import fnmatch
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

_DIRECTIVES = {
    "%Y": r"\d{4}",
    "%y": r"\d{2}",
    "%m": r"\d{2}",
    "%d": r"\d{2}",
    "%H": r"\d{2}",
    "%M": r"\d{2}",
    "%S": r"\d{2}",
}


class NotADate(ValueError):
    """A file name matches a dated pattern, but what stands in the date's place is none."""


@dataclass(frozen=True)
class FilePattern:
    """A compiled pattern; ``date_format`` is None where the folder tells the load date."""

    text: str
    regex: re.Pattern[str]
    date_format: str | None

    @classmethod
    def parse(cls, text: str) -> "FilePattern":
        """Compile ``text``; ValueError says what is wrong with it."""
        parts = re.split(r"\{load_date:([^{}]*)\}", text)
        if len(parts) > 3:
            raise ValueError(f"expected {{load_date:…}} at most once, got {text!r}")
        if not text or any(c in part for part in parts[::2] for c in "/\\{}"):
            raise ValueError(f"expected a file name with * and at most one {{load_date:%Y%m%d}}, got {text!r}")
        if len(parts) == 1:
            return cls(text, _compiled(fnmatch.translate(_folded(text))), None)
        before, date_format, after = parts
        directives = re.findall(r"%.", date_format)
        if not {"%m", "%d"} <= set(directives) or not {"%Y", "%y"} & set(directives):
            raise ValueError(f"expected year, month and day in {{load_date:…}}, got {date_format!r}")
        if len(set(directives)) != len(directives) or not set(directives) <= _DIRECTIVES.keys():
            raise ValueError(f"expected each of {' '.join(_DIRECTIVES)} at most once, got {date_format!r}")
        date_regex = "".join(_DIRECTIVES.get(p, re.escape(p)) for p in re.split(r"(%.)", date_format))
        body = f"(?:{_inner(before)})(?P<load_date>{date_regex})(?:{_inner(after)})"
        return cls(text, _compiled(body + r"\Z"), date_format)

    def matches(self, name: str) -> bool:
        """Whether ``name``, or ``name`` without ``.gz``, fits the pattern, whatever its case."""
        return self._match(name) is not None

    def load_date(self, name: str) -> date | None:
        """The date in ``name``, None where the pattern has none; NotADate where there is no such day."""
        match = self._match(name)
        if match is None or self.date_format is None:
            return None
        try:
            return datetime.strptime(match["load_date"], self.date_format).date()
        except ValueError:
            raise NotADate(f"{match['load_date']!r} is no date of the form {self.date_format}") from None

    def _match(self, name: str) -> re.Match[str] | None:
        name = _folded(name)
        return self.regex.match(name) or (self.regex.match(name.removesuffix(".gz")))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).lower()


def _inner(glob: str) -> str:
    return fnmatch.translate(_folded(glob)).removesuffix(r"\Z")


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL)
