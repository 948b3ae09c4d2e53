"""Outside macros/engine, SQL says nothing that another engine would understand otherwise (in silence, mostly)."""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3] / "dbt_project"

FORBIDDEN = {
    "cast by double colon": r"::",
    "concat(), which treats NULL differently": r"\bconcat(_ws)?\s*\(",
    "the clock": r"\b(current_date|current_timestamp|now\s*\(|today\s*\()",
    "day of week": r"\b(dayofweek|isodow|weekday|dow)\b",
    "the engine's own hash": r"(?<!_)\bhash\s*\(",
    "log(x), natural here and decimal there": r"\blog\s*\(",
    "^ as power": r"\^",
    "mode(), which breaks ties as it likes": r"\bmode\s*\(",
    "a backslash": r"\\(?!n)",
    "an unquoted identifier that is not ASCII": r"[^\x00-\x7f]",
    "integer division by //": r"//",
    "an engine's own function (there is a macro in macros/engine)": (
        r"\b(try_cast|try_strptime|strptime|strftime|epoch_ms|timezone|date_diff|datediff|date_add|date_trunc"
        r"|regexp_\w+|json_\w+|md5|quantile_cont|string_agg|string_split|generate_series|unnest|list_\w+)\s*\("
    ),
}
EVEN_IN_TEXTS = {"a backslash"}
"""What is forbidden inside quotes too (a line end that Jinja writes is not)."""


def without_comments(sql: str) -> str:
    sql = re.sub(r"\{#.*?#\}", " ", sql, flags=re.S)
    return re.sub(r"('[^']*'|\"[^\"]*\")|--[^\n]*", lambda match: match[1] or " ", sql)


def bare(sql: str) -> str:
    """The SQL alone: no comments, Jinja or quoted texts and names."""
    sql = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", " ", without_comments(sql), flags=re.S)
    return re.sub(r"'[^']*'|\"[^\"]*\"", "''", sql)


def orderings_without_nulls(sql: str) -> list[str]:
    """Items of `order by` that leave the place of NULLs to the engine."""
    found = []
    for match in re.finditer(r"\border\s+by\b", sql, flags=re.I):
        depth, item, items = 0, "", []
        for character in sql[match.end() :]:
            if character in ")" and depth == 0:
                break
            depth += (character == "(") - (character == ")")
            if character == "," and depth == 0:
                items.append(item)
                item = ""
            else:
                item += character
        items.append(re.split(r"\b(?:rows|range)\s+between\b|\blimit\b|\)", item, flags=re.I)[0])
        found += [item.strip() for item in items if not re.search(r"\bnulls\s+(first|last)\b", item, flags=re.I)]
    return found


def violations(sql: str) -> list[str]:
    texts, alone = without_comments(sql), bare(sql)
    found = [
        what for what, pattern in FORBIDDEN.items() if re.search(pattern, texts if what in EVEN_IN_TEXTS else alone)
    ]
    return found + [f"order by {item} without nulls first or last" for item in orderings_without_nulls(alone)]


def sql_files() -> list[Path]:
    folders = ("macros", "models", "tests")
    files = sorted(path for folder in folders for path in (PROJECT / folder).rglob("*.sql"))
    return [path for path in files if PROJECT / "macros" / "engine" not in path.parents]


@pytest.mark.parametrize("path", sql_files(), ids=lambda path: str(path.relative_to(PROJECT)))
def test_sql_outside_the_engine_macros_means_the_same_on_every_engine(path: Path) -> None:
    assert violations(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "sql",
    [
        "select a::date from t",
        "select concat(a, b) from t",
        "select current_date",
        "select dayofweek(a) from t",
        "select hash(a) from t",
        "select log(a) from t",
        "select 2 ^ 3",
        "select mode(a) from t",
        "select 'a\\b'",
        "select 客户 from t",
        "select 7 // 2",
        "select try_cast(a as date) from t",
        "select row_number() over (partition by a order by b) from t",
        "select row_number() over (order by a nulls last, b desc) from t",
        "select a from t order by a",
    ],
)
def test_a_construct_that_differs_between_engines_is_found(sql: str) -> None:
    assert violations(sql) != []


def test_comments_texts_jinja_and_quoted_names_may_hold_anything() -> None:
    sql = """
    -- a::date, 客户
    {# concat(a) #}
    select '客户::^ -- ', "客户", {{ try_cast('a', 'date') }}, mean_log_amount,
        row_number() over (partition by a order by max(b, c) desc nulls last, d nulls first) as rank_in_a
    from t
    """

    assert violations(sql) == []


def test_each_engine_macro_is_dispatched_and_written_for_duckdb() -> None:
    for path in (PROJECT / "macros" / "engine").glob("*.sql"):
        text = path.read_text(encoding="utf-8")
        dispatched = set(re.findall(r"adapter\.dispatch\('(\w+)', 'liucun'\)", text))
        defined = set(re.findall(r"\{%-? macro (\w+)\(", text))

        assert defined == dispatched | {f"duckdb__{name}" for name in dispatched}, path.name
