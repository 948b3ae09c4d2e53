"""From bytes in whatever encoding to UTF-8 that a strict reader accepts."""

import codecs
import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

CHUNK_BYTES = 4 << 20
_WINDOW_BYTES = 1 << 20
_ASCII = bytes(range(128))
_PRIVATE_USE = re.compile("[\ue000-\uf8ff]")
_PRIVATE_USE_MAX = 3


class Unreadable(ValueError):
    """A file that cannot be taken as it is; the message says why, without a cell's value."""


@dataclass(frozen=True)
class Limits:
    """Bounds on what a compressed file may grow to. Honest extracts shrink 5 to 30 times."""

    unpacked_bytes: int = 32 << 30
    unpack_ratio: int = 100
    ratio_counts_from: int = 64 << 20

    def check(self, unpacked: int, packed: int) -> None:
        """Raise Unreadable once ``unpacked`` bytes out of ``packed`` are too many."""
        if unpacked > self.unpacked_bytes:
            raise Unreadable(f"unpacks to more than {self.unpacked_bytes:,} bytes; send it in several files")
        if unpacked > self.ratio_counts_from and unpacked > packed * self.unpack_ratio:
            raise Unreadable(
                f"unpacks to more than {self.unpack_ratio} times its size ({packed:,} bytes), as a decompression "
                "bomb does; send it uncompressed if it is honest"
            )


@dataclass(frozen=True)
class Decoded:
    """UTF-8 text in ``path`` from byte ``offset`` on, and the encoding that it came in."""

    path: Path
    offset: int
    encoding: str


def ends_with_line_end(path: Path) -> bool:
    """Whether the last line of a text file is whole, as far as can be seen."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(size - 1, 0))
        return file.read(1) in (b"\n", b"\r")


def cut_short(number: int) -> Unreadable:
    """What to say of a file without a line end whose last record cannot be read."""
    return Unreadable(
        f"ends in the middle of record {number:,}, without a line end: the transfer was cut short; send it again"
    )


NO_LINE_END = "the last line has no line end: was the file cut short?"
"""A note on a file whose last record can be read."""

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_NOT_TEXT = {
    b"PK\x03\x04": "a ZIP or XLSX file",
    b"\xd0\xcf\x11\xe0": "an old XLS or a password-protected Office file",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF file",
}


def decode(
    path: Path,
    work: Path,
    limits: Limits | None = None,
    progress: Callable[[int], None] = lambda _written: None,
) -> Decoded:
    """Find the encoding of ``path`` and give it as UTF-8, written to ``work`` unless it is that already.

    ``progress`` is called with the bytes written so far. Raises Unreadable with a byte position.
    """
    limits = limits or Limits()
    head = next(_chunks(path, limits), b"")
    if not head:
        raise Unreadable("the file is empty")
    for magic, kind in _NOT_TEXT.items():
        if head.startswith(magic):
            raise Unreadable(f"is {kind}, not text")
    mark, encoding = next((pair for pair in _BOMS if head.startswith(pair[0])), (b"", "utf-8"))
    try:
        return _past_marks(_transcode(path, encoding, len(mark), work, limits, progress))
    except UnicodeDecodeError as problem:
        if mark or _is_damaged_utf8(path, limits, problem.start):
            raise Unreadable(f"is damaged {encoding.upper()} (invalid from byte {problem.start:,} on)") from None
        utf8_stopped_at = problem.start
    try:
        decoded = _transcode(path, "gb18030", 0, work, limits, progress)
    except UnicodeDecodeError as problem:
        raise Unreadable(
            f"is neither UTF-8 (stops at byte {utf8_stopped_at:,}) nor GB18030 (stops at byte {problem.start:,}); "
            "export it as UTF-8"
        ) from None
    if not _is_plausible_chinese(decoded.path):
        raise Unreadable(
            f"is not UTF-8 (stops at byte {utf8_stopped_at:,}) and makes no sense as GB18030; export it as UTF-8"
        )
    return _past_marks(decoded)


def _past_marks(decoded: Decoded) -> Decoded:
    """Without the byte order marks that are left: of GB18030, and second ones of programs that add theirs."""
    with decoded.path.open("rb") as file:
        file.seek(decoded.offset)
        head = file.read(_WINDOW_BYTES)
    marks = head.removeprefix(codecs.BOM_UTF8)
    while marks != head:
        decoded = replace(decoded, offset=decoded.offset + len(codecs.BOM_UTF8))
        head, marks = marks, marks.removeprefix(codecs.BOM_UTF8)
    return decoded


def _chunks(path: Path, limits: Limits) -> Iterator[bytes]:
    """The file's bytes, unpacked where it is gzip, with the caps of ``limits``."""
    with path.open("rb") as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if not is_gzip:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk
            return
        packed, unpacked = path.stat().st_size, 0
        try:
            with gzip.GzipFile(fileobj=file) as unzipped:
                while chunk := unzipped.read(CHUNK_BYTES):
                    unpacked += len(chunk)
                    limits.check(unpacked, packed)
                    yield chunk
        except (EOFError, gzip.BadGzipFile, zlib.error) as problem:
            raise Unreadable(f"is gzip that cannot be unpacked ({problem})") from None


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _transcode(
    path: Path, encoding: str, skip: int, work: Path, limits: Limits, progress: Callable[[int], None]
) -> Decoded:
    """Decode everything strictly. UnicodeDecodeError carries the position in the whole (unpacked) file."""
    is_copied = encoding != "utf-8" or _is_gzip(path)
    target = work / "decoded" if is_copied else None
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    read = skip
    written = 0
    out = target.open("wb") if target else None
    try:
        for chunk in _without_mark(_chunks(path, limits), skip):
            pending = len(decoder.getstate()[0])
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError as problem:
                problem.start += read - pending
                raise
            _refuse_nul(chunk, text, encoding, read, pending)
            read += len(chunk)
            if out:
                data = chunk if encoding == "utf-8" else text.encode()
                out.write(data)
                written += len(data)
                progress(written)
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as problem:
            problem.start += read - pending
            raise
    finally:
        if out:
            out.close()
    if read == skip:
        raise Unreadable("the file is empty")
    return Decoded(target, 0, encoding) if target else Decoded(path, skip, encoding)


def _without_mark(chunks: Iterator[bytes], skip: int) -> Iterator[bytes]:
    first = next(chunks, b"")[skip:]
    if first:
        yield first
    yield from chunks


def _refuse_nul(chunk: bytes, text: str, encoding: str, start: int, pending: int) -> None:
    if encoding.startswith("utf-16"):
        at = text.find("\0")
        position = start - pending + len(text[: max(at, 0)].encode(encoding))
    else:
        position = start + (at := chunk.find(b"\0"))
    if at >= 0:
        raise Unreadable(
            f"has a NUL byte at byte {position:,}: a binary file, a damaged one, or UTF-16 without a byte order mark"
        )


def _is_damaged_utf8(path: Path, limits: Limits, stopped_at: int) -> bool:
    """Whether a file that is not UTF-8 was meant to be: most of what is not ASCII around the break is valid.

    GB18030 accepts nearly any bytes, so a UTF-8 extract cut in the middle of a character would else
    come out as well-formed nonsense.
    """
    start = 0
    window = b""
    for chunk in _chunks(path, limits):
        if start + len(chunk) > stopped_at - _WINDOW_BYTES:
            window += chunk
        start += len(chunk)
        if start > stopped_at + _WINDOW_BYTES:
            break
    others = [c for c in window.decode("utf-8", errors="replace") if c > "\x7f"]
    broken = others.count("\ufffd")
    return len(others) - broken >= broken


def _is_plausible_chinese(path: Path) -> bool:
    """Whether what is not ASCII looks like Chinese: a fifth of it everyday characters, hardly any private ones.

    Latin-1 read as GB18030 has none of the former, Big5 and damaged UTF-8 have many of the latter. All of the file
    counts: of a long one the first names that are not ASCII may stand at its end.
    """
    count = everyday = private = 0
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            if not chunk.isascii():
                others = decoder.decode(chunk.translate(None, _ASCII))
                count += len(others)
                everyday += len(others.encode("gb2312", errors="ignore")) // 2
                private += len(_PRIVATE_USE.findall(others))
    # Of a short text one user-defined character is more than a hundredth; then nearly all others must be everyday.
    is_few = private <= _PRIVATE_USE_MAX and everyday * 10 >= (count - private) * 9
    return everyday * 5 >= count and (private * 100 <= count or is_few)
