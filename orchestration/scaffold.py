"""Working skeletons of what users add most: a source and a mart. What is written is meant to be edited."""

import re
from pathlib import Path

import yaml

from orchestration.dbt import CANONICAL, STAGING
from orchestration.errors import BadInput
from orchestration.ingest.contract import load_source

MODEL_SQL = """\
-- Grain: customer.
-- Why this table exists, and the one decision in it that is not obvious.
with purchases as (
    select
        customer_id,
        count(*) as purchase_day_count
    from {{{{ ref('fct_purchase_day') }}}}
    group by customer_id
)

select
    cast(customers.customer_id as varchar) as customer_id,
    cast(coalesce(purchases.purchase_day_count, 0) as bigint) as purchase_day_count
from {{{{ ref('dim_customer') }}}} as customers
left join purchases on customers.customer_id = purchases.customer_id
"""

MODEL_YAML = """\
version: 2

models:
  - name: {name}
    description: What this table says, for whom
    config:
      contract: {{enforced: true}}
      meta: {{grain: [customer_id], published: true, owner: data, label_zh: 请填写}}
    data_tests:
      - holds_contract:
          arguments: {{grain: [customer_id], required: [purchase_day_count]}}
    columns:
      - name: customer_id
        data_type: varchar
        description: Customer after merging
        config: {{meta: {{label_zh: 客户编号}}}}
      - name: purchase_day_count
        data_type: bigint
        description: Days with at least one valid order up to as_of_date
        config: {{meta: {{label_zh: 购买天数}}}}
"""


def new_source(project: Path, name: str, objects: list[str]) -> list[Path]:
    """Writes ``sources/<name>.yml`` and its staging models for some canonical objects; returns the files.

    The skeleton takes files with the canonical headers and runs as it stands; edit headers, types and SQL to what the
    system really sends.

    Raises:
        BadInput: the name cannot be used, an object is not canonical, or there is such a source already.
    """
    _check_name(name)
    contract = yaml.safe_load((project / "sources" / f"{CANONICAL}.yml").read_text(encoding="utf-8"))
    known = contract["objects"]
    for entity in objects:
        if entity not in known:
            raise BadInput(f"--objects: there is no canonical object {entity!r}; known are {', '.join(known)}")
    target = project / "sources" / f"{name}.yml"
    staging = project / "dbt_project" / STAGING
    if target.exists() or (staging / name).exists():
        raise BadInput(f"{target}: there is a source {name} already; choose another name or edit it")
    chosen = {entity: _without_strangers(known[entity], objects) for entity in objects}
    text = yaml.safe_dump(
        {"source": name, "description": f"Extracts of {name}", "objects": chosen}, allow_unicode=True, sort_keys=False
    )
    (staging / name).mkdir(parents=True)
    target.write_text(text, encoding="utf-8")
    load_source(target)
    written = [target]
    for entity in objects:
        for suffix in (".sql", ".yml"):
            model = staging / CANONICAL / f"stg_{CANONICAL}__{entity}{suffix}"
            copy = staging / name / f"stg_{name}__{entity}{suffix}"
            copy.write_text(_renamed(model.read_text(encoding="utf-8"), name), encoding="utf-8")
            written.append(copy)
    return written


def new_model(project: Path, name: str, domain: str) -> list[Path]:
    """Writes the SQL and the YAML of a mart that runs as it stands; returns the files.

    Raises:
        BadInput: the name is not ``mart_…``, or there is such a model already.
    """
    _check_name(name)
    _check_name(domain)
    if not name.startswith("mart_"):
        raise BadInput(f"{name}: the name of a mart begins with mart_, as in mart_visit_gap")
    models = project / "dbt_project" / "models"
    if existing := list(models.rglob(f"{name}.*")):
        raise BadInput(f"{existing[0]}: there is a model {name} already")
    folder = models / "marts" / domain
    folder.mkdir(parents=True, exist_ok=True)
    sql, properties = folder / f"{name}.sql", folder / f"{name}.yml"
    sql.write_text(MODEL_SQL.format(), encoding="utf-8")
    properties.write_text(MODEL_YAML.format(name=name), encoding="utf-8")
    return [sql, properties]


def _check_name(name: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        raise BadInput(f"{name!r}: expected lower-case letters, digits and single underscores, as in fxiaoke")


def _without_strangers(spec: dict[str, object], objects: list[str]) -> dict[str, object]:
    """The object without references to objects that the new source does not have."""
    references = {c: o for c, o in dict(spec.get("references") or {}).items() if o in objects}  # type: ignore[call-overload]
    kept = {key: value for key, value in spec.items() if key != "references"}
    return {**kept, "references": references} if references else kept


def _renamed(text: str, name: str) -> str:
    """A canonical staging model, SQL or YAML, as one of another source."""
    text = text.replace(f"stg_{CANONICAL}__", f"stg_{name}__").replace(f"'{CANONICAL}'", f"'{name}'")
    return text.replace(f"The word {CANONICAL}", f"The word {name}")
