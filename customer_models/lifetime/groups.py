"""The rows of a table that belong together, as arrays."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Key = tuple[Any, ...]
Columns = dict[str, npt.NDArray[Any]]


def groups(table: pa.Table, width: int) -> list[tuple[Key, Columns]]:
    """The rows of each value of the first ``width`` columns, in order of the values, the other columns as arrays.

    Args:
        table: the first columns of any type that can be ordered, none NULL; NULL is NaN in the others.
        width: number of columns that make the key.
    """
    codes = np.zeros(table.num_rows, dtype=np.int64)
    for column in table.columns[:width]:
        encoded = column.combine_chunks().dictionary_encode()
        codes = codes * (len(encoded.dictionary) + 1) + encoded.indices.to_numpy()
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    values = {name: table[name].to_numpy()[order] for name in table.column_names[width:]}
    heads = table.select(range(width)).take(order[starts])
    keys = zip(*(column.to_pylist() for column in heads.columns), strict=True)
    ends = np.append(starts, table.num_rows)[1:]
    found = [
        (key, {name: column[start:end] for name, column in values.items()})
        for key, start, end in zip(keys, starts, ends, strict=True)
    ]
    return sorted(found, key=lambda group: group[0])
