"""What a warehouse's YAML says."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, field_validator, model_validator

from orchestration.config import Strict, read_yaml
from orchestration.errors import BadInput
from orchestration.settings import is_path


class Retention(Strict):
    """How long things are kept."""

    landing_days: int = Field(default=365, ge=1)
    runs: int = Field(default=7, ge=1)


class Lifetime(Strict):
    """Settings of lifetime value."""

    lifetime_cap_years: int = Field(default=5, ge=1)
    calibration_cut_on: date | None = None


class Identity(Strict):
    """Settings of customer merging."""

    # A valid identifier held under more names than this identifies nobody.
    hot_identifier_names: int = Field(default=10, ge=1)
    # Of more records that share a key not every two are compared.
    largest_block: int = Field(default=100, ge=2)
    # A customer of more records than this is nobody's but a steward's to make.
    largest_cluster: int = Field(default=100, ge=2)
    # From here on the model merges by itself; from there on a steward is asked.
    auto_probability: float = Field(default=0.9, gt=0, lt=1)
    review_probability: float = Field(default=0.2, gt=0, lt=1)

    @model_validator(mode="after")
    def _review_below_auto(self) -> "Identity":
        if self.review_probability > self.auto_probability:
            raise ValueError("review_probability: expected at most auto_probability")
        return self


class GateOverride(Strict):
    """A warehouse's own bound for one expectation."""

    threshold: Any


class Warehouse(Strict):
    """One warehouse: its sources, its time zone and what its figures depend on. Amounts are in ``currency``."""

    sources: tuple[str, ...] = Field(min_length=1)
    time_zone: str = "Asia/Shanghai"
    currency: str = Field(default="CNY", pattern="^[A-Z]{3}$")
    required_objects: tuple[str, ...] = ()
    extract_lag_days: int = Field(default=1, ge=0)
    zero_amount_counts_as_purchase: bool = False
    rfm_window_days: int = Field(default=365, ge=28)
    lapsed_after_days: int = Field(default=90, ge=1)
    conversion_window_days: int = Field(default=90, ge=1)
    retention: Retention = Retention()
    margin_rate: Decimal = Field(default=Decimal("0.3"), ge=0, le=1)
    discount_rate: Decimal = Field(default=Decimal("0.1"), ge=0, le=1)
    gates: dict[str, dict[str, GateOverride]] = Field(default_factory=dict)
    lifetime: Lifetime = Lifetime()
    identity: Identity = Identity()
    on_published: str | tuple[str, ...] | None = None
    on_refused: str | tuple[str, ...] | None = None

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("expected the name of a time zone such as Asia/Shanghai")
        return value

    @field_validator("gates")
    @classmethod
    def _known_suites(cls, value: dict[str, Any]) -> dict[str, Any]:
        unknown = sorted(set(value) - {"raw", "customers", "marts"})
        if unknown:
            raise ValueError(f"unknown suite {unknown[0]}, expected raw, customers or marts")
        return value

    @model_validator(mode="after")
    def _required_objects_belong(self) -> "Warehouse":
        if len(set(self.sources)) < len(self.sources):
            raise ValueError("a source stands twice")
        for name in self.required_objects:
            if name.count(".") != 1 or name.split(".")[0] not in self.sources:
                raise ValueError(f"required_objects: expected <source>.<object> of a source above, not {name}")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The business's time zone."""
        return ZoneInfo(self.time_zone)

    def day_of(self, moment: datetime) -> date:
        """The business date of a moment, which is the date of a run that is scheduled for it."""
        return moment.astimezone(self.zone).date()


def load_warehouse(name_or_path: str, project: Path) -> tuple[str, Warehouse]:
    """A warehouse by its name under ``warehouses/`` or by the path of a YAML: its name and settings.

    Raises:
        BadInput: there is no such warehouse, or its YAML is wrong.
    """
    shipped = project / "warehouses"
    path = Path(name_or_path)
    if not is_path(name_or_path):
        path = shipped / f"{name_or_path}.yml"
        if not path.is_file():
            names = ", ".join(sorted(file.stem for file in shipped.glob("*.yml")))
            raise BadInput(
                f"there is no warehouse {name_or_path!r}: expected one of {names}, or the path of a YAML file"
            )
    warehouse = read_yaml(path, Warehouse)
    for source in warehouse.sources:
        if not (project / "sources" / f"{source}.yml").is_file():
            raise BadInput(f"{path}: sources: there is no {source} (sources/{source}.yml is missing)")
    return path.stem, warehouse
