"""Reads a YAML file into a checked model; whatever is wrong with it becomes one line that names file and key."""

from pathlib import Path
from typing import TypeVar

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
        raise BadInput(f"{path}: expected a mapping with the keys {keys}, found {type(data).__name__}")
    try:
        return model.model_validate(data)
    except ValidationError as problem:
        raise BadInput(f"{path}: {_first_problem(problem, model)}") from None


def _yaml_problem(problem: yaml.YAMLError) -> str:
    if isinstance(problem, yaml.MarkedYAMLError) and problem.problem_mark:
        return f"line {problem.problem_mark.line + 1}: {problem.problem}"
    return " ".join(str(problem).split())


def _first_problem(problem: ValidationError, model: type[BaseModel]) -> str:
    first = problem.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"] if part != "[key]")
    said = {"extra_forbidden": "unknown key", "missing": "is missing"}.get(
        first["type"], first["msg"].removeprefix("Value error, ")
    )
    if first["type"] == "extra_forbidden" and len(first["loc"]) == 1:
        said += f"; known keys: {', '.join(model.model_fields)}"
    elif first["type"] not in ("extra_forbidden", "missing", "value_error"):
        said += f", found {first['input']!r}"
    more = problem.error_count() - 1
    return f"{key + ': ' if key else ''}{said}" + (f" (and {more} more)" if more else "")
