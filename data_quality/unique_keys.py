"""YAML without a silent choice: of two equal keys PyYAML keeps the last without a word."""

from typing import Any

import yaml


class UniqueKeys(yaml.CSafeLoader):
    """A loader for ``yaml.load`` that refuses a key given twice or that is a list or a mapping, and a date of no day.

    libyaml's, because the one in Python took a second of every run.
    """

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """The value; ``ConstructorError`` with its place for one that only looks like a date or a number."""
        try:
            return super().construct_object(node, deep)  # type: ignore[no-untyped-call]
        except ValueError as problem:
            raise yaml.constructor.ConstructorError(None, None, f"{node.value}: {problem}", node.start_mark) from None

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """The mapping; ``yaml.constructor.ConstructorError`` with the place of the second key."""
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, list | dict):
                raise yaml.constructor.ConstructorError(None, None, "a key must be a plain word", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)
