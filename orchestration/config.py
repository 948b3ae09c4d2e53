"""Reads a YAML file into a checked model; whatever is wrong with it becomes one line that names file and key."""

from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from data_quality.unique_keys import UniqueKeys
from orchestration.errors import BadInput


class Strict(BaseModel):
    """A model in which an unknown key is an error and values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Model = TypeVar("Model", bound=BaseModel)


def read_yaml(path: Path, model: type[Model]) -> Model:
    """The YAML file as an instance of ``model``.

    Raises:
        BadInput: the file is missing, is not YAML, or a key is unknown, missing or of the wrong type.
    """
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), UniqueKeys)
    except OSError as problem:
        raise BadInput(f"{path}: cannot be read ({problem.strerror})") from None
    except UnicodeDecodeError as problem:
        raise BadInput(f"{path}: is not UTF-8 (byte {problem.start})") from None
    except yaml.YAMLError as problem:
        raise BadInput(f"{path}: is not YAML: {_yaml_problem(problem)}") from None
    if not isinstance(data, dict):
        keys = ", ".join(model.model_fields)
        found = "the file is empty" if data is None else f"found {type(data).__name__}"
        raise BadInput(f"{path}: {found}, expected a mapping with the keys {keys}")
    try:
        return model.model_validate(data)
    except ValidationError as problem:
        raise BadInput(f"{path}: {_first_problem(problem, model)}") from None


_EXPECTED = {
    "extra_forbidden": "unknown key",
    "missing": "is missing",
    "tuple_type": "expected a list",
    "list_type": "expected a list",
    "dict_type": "expected a mapping",
}
"""What pydantic says in Python's words, in those of YAML."""


def _keys_at(model: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    """The keys of what stands at this place of a model; none where that has no keys of its own."""
    here: Any = model
    for part in place:
        if _is_model(here):
            field = here.model_fields.get(part)
            here = field.annotation if field else None
        else:
            # A mapping's values, a list's items.
            here = next(reversed([inner for inner in get_args(here) if inner is not Ellipsis]), None)
        if get_origin(here) in (Union, UnionType):
            here = next(filter(_is_model, get_args(here)), None)
    return list(here.model_fields) if _is_model(here) else []


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _yaml_problem(problem: yaml.YAMLError) -> str:
    if isinstance(problem, yaml.MarkedYAMLError) and problem.problem_mark:
        return f"line {problem.problem_mark.line + 1}: {problem.problem}"
    return " ".join(str(problem).split())


def _first_problem(problem: ValidationError, model: type[BaseModel]) -> str:
    first = problem.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"] if part != "[key]")
    said = _EXPECTED.get(first["type"], first["msg"].removeprefix("Value error, "))
    if first["type"] == "extra_forbidden" and (keys := _keys_at(model, first["loc"][:-1])):
        said += f"; known keys: {', '.join(keys)}"
    elif first["type"] == "model_type" and (keys := _keys_at(model, first["loc"])):
        said = f"expected {{{', '.join(f'{name}: …' for name in keys)}}}"
    if first["type"] not in ("extra_forbidden", "missing", "value_error"):
        said += f", found {first['input']!r}"
    more = problem.error_count() - 1
    return f"{key + ': ' if key else ''}{said}" + (f" (and {more} more)" if more else "")
