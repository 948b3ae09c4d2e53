"""Plain text tables."""

from collections.abc import Sequence


def table(headers: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[str] = ()) -> str:
    """Columns under their headers: the first one and those named in ``left`` to the left, the others to the right."""
    widths = [max(len(row[column]) for row in (headers, *rows)) for column in range(len(headers))]
    to_left = [column == 0 or header in left for column, header in enumerate(headers)]
    lines = [
        "  ".join(
            cell.ljust(width) if is_left else cell.rjust(width)
            for cell, width, is_left in zip(row, widths, to_left, strict=True)
        ).rstrip()
        for row in (headers, ["-" * width for width in widths], *rows)
    ]
    return "\n".join(lines)


def against(figure: float, goal: float, *, at_least: bool = False) -> str:
    """``met`` or ``missed``: a goal is a most, or with ``at_least`` a least."""
    return "met" if (figure >= goal if at_least else figure <= goal) else "missed"
