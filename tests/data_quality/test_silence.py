"""Great Expectations says nothing by itself: its messages can hold cell values."""

import logging

import pytest

from data_quality.validation import great_expectations


@pytest.mark.parametrize("module", ["", ".data_context.types.base", ".validator.validator"])
@pytest.mark.parametrize("level", [logging.INFO, logging.ERROR])
def test_what_great_expectations_logs_reaches_nobody(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, module: str, level: int
) -> None:
    great_expectations()
    caplog.clear()
    with caplog.at_level(logging.DEBUG):
        logging.getLogger(f"great_expectations{module}").log(level, "13812345678")
    assert caplog.text == ""
    assert capfd.readouterr() == ("", "")
