"""Where the matching models lie, and how they come to be trained."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import duckdb

from customer_models.identity.comparison import FEATURES, PARTIES, Party
from customer_models.identity.scoring import MODELS, ModelError, read_model
from customer_models.identity.training import TooFew, train
from orchestration.errors import BadInput
from orchestration.files import write_whole
from orchestration.folders import Folders


def read_models(folders: Folders) -> Mapping[Party, str]:
    """The text of each party's model: the warehouse's own where there is one, else that of the project.

    Raises:
        BadInput: a model cannot be used.
    """
    return {party: _text(party, _path(folders, party)) for party in PARTIES}


def train_models(folders: Folders, today: date, threads: int) -> list[str]:
    """Trains both models on the warehouse's own records; a line for each, where it was written and what was left.

    The models go to ``overrides/identity/``, with charts of their weights beside them; the next run weighs by them.

    Raises:
        BadInput: there was no run yet, or another one has the warehouse open.
    """
    if not folders.warehouse_file.is_file():
        raise BadInput(f"{folders.warehouse_file}: there are no records yet; {folders.command('run')} brings them")
    folder = _own(folders)
    folder.mkdir(parents=True, exist_ok=True)
    said = []
    for party in PARTIES:
        with duckdb.connect(str(folders.warehouse_file), read_only=True) as con:
            columns = ", ".join(FEATURES.names)
            query = f"select {columns} from identity.id_feature where party = ?"
            features = con.sql(query, params=[party]).to_arrow_table()
        try:
            text = train(features, party, today, folder / "charts", threads)
        except TooFew as error:
            said.append(f"{error}; the model of the project stays in use")
            continue
        write_whole(folder / f"{party}.json", text)
        said.append(f"{folder / f'{party}.json'}: trained on {features.num_rows:,} records")
    return [*said, f"charts of the weights: {folder / 'charts'}", "the next run weighs every pair anew"]


def _own(folders: Folders) -> Path:
    return folders.overrides / "identity"


def _path(folders: Folders, party: Party) -> Path:
    own = _own(folders) / f"{party}.json"
    return own if own.is_file() else MODELS / f"{party}.json"


def _text(party: Party, path: Path) -> str:
    try:
        read_model(party, path)
    except ModelError as error:
        raise BadInput(str(error)) from None
    return path.read_text(encoding="utf-8")
