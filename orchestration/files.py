"""Writing so that a kill or a power cut leaves the old content or the new, and nothing in between."""

import json
import os
import shutil
from pathlib import Path
from typing import Any


def sync(path: Path) -> None:
    """Force a file's content, or a directory's entries, to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(path: Path, text: str) -> None:
    """Replace ``path`` atomically by ``text`` (UTF-8); readers see the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not mkstemp: its files are for the owner alone, and readers may be another user.
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with temporary.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync(path.parent)


def write_if_changed(path: Path, text: str) -> bool:
    """Like ``write_whole``, but leaves an equal file untouched; whether it was written."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    write_whole(path, text)
    return True


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Replace ``path`` atomically by ``content`` as indented JSON."""
    write_whole(path, json.dumps(content, ensure_ascii=False, indent=2) + "\n")


def seal(directory: Path) -> None:
    """Force everything below ``directory`` to disk and take away the right to write it."""
    for parent, _, names in os.walk(directory, topdown=False):
        for name in names:
            sync(Path(parent) / name)
            (Path(parent) / name).chmod(0o444)
        sync(Path(parent))
        Path(parent).chmod(0o555)


def remove(path: Path) -> None:
    """Delete a file, a link or a folder with all in it; nothing there is fine."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def remove_tree(directory: Path) -> None:
    """Remove ``directory``, sealed or not; nothing happens when there is none.

    It is renamed to a hidden name first, so that a kill half way leaves a leftover and not half a run.
    """
    if not directory.exists():
        return
    if not directory.name.startswith(".tmp-"):
        hidden = directory.with_name(f".tmp-removed-{directory.name}")
        remove_tree(hidden)
        directory = directory.rename(hidden)
    for parent, _, _ in os.walk(directory):
        Path(parent).chmod(0o755)
    shutil.rmtree(directory)


def entries(directory: Path) -> tuple[str, ...]:
    """Names of the folders in ``directory`` that are not hidden, sorted; none when it does not exist."""
    if not directory.is_dir():
        return ()
    return tuple(sorted(p.name for p in directory.iterdir() if p.is_dir() and not p.name.startswith(".")))


def remove_leftovers(directory: Path, pattern: str) -> tuple[str, ...]:
    """Remove what a killed run left in ``directory`` under a temporary name; returns the names."""
    names = []
    for path in sorted(directory.glob(pattern)) if directory.is_dir() else ():
        if path.is_dir() and not path.is_symlink():
            remove_tree(path)
        else:
            path.unlink()
        names.append(path.name)
    return tuple(names)
