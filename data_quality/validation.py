"""The only place that talks to Great Expectations: a batch and expectations in, counts out."""

import builtins
import dataclasses
import functools
import logging
import os
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import duckdb
import sqlalchemy
from sqlalchemy.sql.elements import quoted_name

from data_quality.dialect import engine, spoken
from data_quality.expectations import Expectation

# Any richer format carries rows of the table.
_RESULT_FORMAT = {"result_format": "SUMMARY", "partial_unexpected_count": 0}


@dataclass(frozen=True)
class Outcome:
    """What Great Expectations said of one expectation, without anything that a cell holds.

    ``error`` is the type of the error that prevented an evaluation. ``judged_count`` and ``unexpected_count`` are rows;
    ``observed`` is the figure of a value expectation.
    """

    success: bool
    error: str | None = None
    judged_count: int | None = None
    unexpected_count: int | None = None
    observed: float | None = None


@functools.cache
def great_expectations() -> SimpleNamespace:
    """Great Expectations, imported once per process (about five seconds) and made silent.

    Its logs carry the texts of errors, which can hold cell values. The pinned release has no analytics; the variable
    keeps them off in one that has.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL + 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations as gx
        from great_expectations.core.batch import Batch
        from great_expectations.data_context.types.base import ProgressBarsConfig
        from great_expectations.execution_engine import PandasExecutionEngine, SqlAlchemyExecutionEngine
        from great_expectations.execution_engine.sqlalchemy_batch_data import SqlAlchemyBatchData
        from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
        from great_expectations.expectations.metrics.column_map_metrics import column_values_between
        from great_expectations.validator.validator import Validator

        # Some of its modules set a level of their own, and would be heard all the same.
        for name in [name for name in logging.root.manager.loggerDict if name.startswith("great_expectations.")]:
            logging.getLogger(name).setLevel(logging.NOTSET)
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return SimpleNamespace(
        context=context,
        error_modules=(duckdb, builtins, sqlalchemy.exc, column_values_between),
        Batch=Batch,
        ExpectationConfiguration=ExpectationConfiguration,
        PandasExecutionEngine=PandasExecutionEngine,
        SqlAlchemyBatchData=SqlAlchemyBatchData,
        SqlAlchemyExecutionEngine=SqlAlchemyExecutionEngine,
        Validator=Validator,
    )


def validate_table(
    connection: duckdb.DuckDBPyConnection, schema: str, name: str, expectations: Sequence[Expectation]
) -> list[Outcome]:
    """Outcomes of ``expectations`` on a table or view that exists, in their order; DuckDB computes all figures."""
    gx = great_expectations()
    execution_engine = gx.SqlAlchemyExecutionEngine(engine=engine(connection))
    table = sqlalchemy.table(quoted_name(name, True), schema=quoted_name(schema, True))
    data = gx.SqlAlchemyBatchData(
        execution_engine,
        selectable=sqlalchemy.select(sqlalchemy.text("*")).select_from(table),
        create_temp_table=False,
        source_table_name=quoted_name(name, True),
        source_schema_name=schema,
    )
    try:
        return validate_batch(execution_engine, data, [_in_spoken_names(expectation) for expectation in expectations])
    finally:
        execution_engine.close()


def _in_spoken_names(expectation: Expectation) -> Expectation:
    arguments = dict(expectation.arguments)
    for key in ("column", "column_A", "column_B"):
        if key in arguments:
            arguments[key] = spoken(arguments[key])
    for key in ("column_list", "column_set"):
        if key in arguments:
            arguments[key] = [spoken(name) for name in arguments[key]]
    return dataclasses.replace(expectation, arguments=arguments)


def validate_batch(execution_engine: Any, data: Any, expectations: Sequence[Expectation]) -> list[Outcome]:
    """Outcomes of ``expectations`` on any batch of Great Expectations, in their order."""
    gx = great_expectations()
    outcomes: dict[int, Outcome] = {}
    configurations = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for position, expectation in enumerate(expectations):
            # Results come back in another order, and two suites may use the same id.
            configuration = gx.ExpectationConfiguration(
                type=expectation.expectation, kwargs=expectation.settings(), meta={"position": position}
            )
            try:
                configuration.to_domain_obj()
            except Exception as error:  # pydantic's, the expectation's own, whatever: it cannot be evaluated
                outcomes[position] = Outcome(False, error=type(error).__name__)
            else:
                configurations.append(configuration)
        try:
            validator = gx.Validator(
                execution_engine=execution_engine, data_context=gx.context, batches=[gx.Batch(data=data)]
            )
            results = validator.graph_validate(
                configurations, runtime_configuration={"result_format": _RESULT_FORMAT, "catch_exceptions": True}
            )
        except Exception as error:  # its text may hold cell values, so it must not travel up
            return [Outcome(False, error=type(error).__name__)] * len(expectations)
    for result in results:
        position = result.expectation_config.meta["position"]
        outcomes[position] = _outcome(expectations[position], result)
    return [outcomes.get(position, Outcome(False, error="no result")) for position in range(len(expectations))]


def _outcome(expectation: Expectation, result: Any) -> Outcome:
    error = _error(result.exception_info)
    if error:
        return Outcome(False, error=error)
    found = result.result
    if expectation.kind.measure == "share":
        # A sum over no rows is NULL in SQL.
        judged = (found["element_count"] or 0) - (found.get("missing_count") or 0)
        return Outcome(bool(result.success), judged_count=judged, unexpected_count=found["unexpected_count"] or 0)
    observed = found.get("observed_value") if expectation.kind.measure == "value" else None
    return Outcome(bool(result.success), observed=None if observed is None else float(observed))


def _error(exception_info: Mapping[str, Any]) -> str | None:
    """The type of the error behind a result; None if there was none.

    ``exception_info`` is either one error or a mapping of metric → error, and an evaluated result has the first shape.
    """
    if "raised_exception" in exception_info:
        raised = [exception_info] if exception_info["raised_exception"] else []
    else:
        raised = [info for info in exception_info.values() if info["raised_exception"]]
    if not raised:
        return None
    return next(filter(None, (_error_type(info["exception_traceback"]) for info in raised)), "error")


def _error_type(traceback: str) -> str | None:
    """The first error of a traceback that is a known type; its text, which can hold cell values, is never looked at."""
    for name in re.findall(r"^(?:\w+\.)*(\w+)(?::|$)", traceback, flags=re.MULTILINE):
        for module in great_expectations().error_modules:
            known = getattr(module, name, None)
            if isinstance(known, type) and issubclass(known, Exception):
                return str(name)
    return None
