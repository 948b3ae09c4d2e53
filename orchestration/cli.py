"""The command line. Exit codes: 0 published, 2 refused by a gate, 3 bad input, 4 another run at work, 1 a bug."""

import argparse
import atexit
import contextlib
import gc
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from orchestration.errors import BadInput, LiucunError
from orchestration.settings import PROJECT, Settings, environment_with

if TYPE_CHECKING:
    from orchestration.prepare import Prepared

GARBAGE_THRESHOLDS = (100_000, 50, 50)
"""A short-lived process of many long-lived objects: looking for garbage among them costs more than it frees."""


class _Parser(argparse.ArgumentParser):
    """Bad arguments are bad input: one line and exit code 3, not argparse's 2."""

    def error(self, message: str) -> NoReturn:
        command = self.prog.removeprefix("liucun").strip()
        raise BadInput(f"{command + ': ' if command else ''}{message}; see {self.prog} --help")

    def read(self, arguments: Sequence[str] | None) -> argparse.Namespace:
        """The options; what a command does not know is told with that command's help."""
        options, unknown = self.parse_known_args(arguments)
        if unknown:
            raise BadInput(
                f"{options.command}: unrecognized arguments: {' '.join(unknown)}; see liucun {options.command} --help"
            )
        return options


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a date YYYY-MM-DD, found {text!r}") from None


def _parser() -> _Parser:
    parser = _Parser(prog="liucun", description="Raw CRM extracts in, trusted customer tables out.")
    shared = _Parser(add_help=False)
    shared.add_argument("--warehouse", metavar="NAME_OR_PATH", help="a name under warehouses/ or a YAML file")
    shared.add_argument("--home", type=Path, help="where warehouses lie (LIUCUN_HOME; else var in the checkout)")
    commands = parser.add_subparsers(dest="command", metavar="command", required=True, parser_class=_Parser)

    def add(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, parents=[shared], help=text, description=text)

    run = add("run", "run the daily job to its end")
    run.add_argument("--as-of", type=_date, metavar="DATE", help="business dates up to it count; sets --known-on too")
    run.add_argument("--known-on", type=_date, metavar="DATE", help="loads up to this load date are used")
    run.add_argument("--full-refresh", action="store_true", help="rebuild the incremental facts")
    run.add_argument("--again", action="store_true", help="publish the loads of a run that was rolled back")
    run.add_argument(
        "--scheduled",
        action="store_true",
        help="as the daily schedule does: of today, and refuses a day whose required extracts have not come",
    )
    add("status", "what is published, and how the last attempt ended")
    add("runs", "the published runs that are kept")
    rollback = add("rollback", "publish an earlier run again")
    rollback.add_argument("to", nargs="?", metavar="RUN", help="default: the run before the current one")
    rollback.add_argument("--because", required=True)
    for name, text in (
        ("accept", "take a refused load as it is"),
        ("discard", "leave a load out from now on"),
        ("retry", "judge a refused load again in the next run"),
    ):
        decide = add(name, text)
        decide.add_argument("load", metavar="LOAD", help="a load id, or enough of its beginning")
        decide.add_argument("--because", required=name != "retry", default="judge again")
    add("prune", "remove landing files that are in raw and older than retention.landing_days")
    erase = add("erase", "take a customer out of everything that is kept: landing, raw, state, published runs")
    erase.add_argument("customer_id", nargs="?", metavar="CUSTOMER_ID", help="as in dim_customer, for example C12")
    erase.add_argument("--identifiers", action="store_true", help="under a new record id too, by openid, USCC or phone")
    erase.add_argument("--because")
    erase.add_argument("--again", action="store_true", help="take who was erased out of extracts that came since")
    _add_stewards(add)
    add("train-identity", "train the matching models on this warehouse's own records")
    source = add("new-source", "write a source's contract and staging models as a working skeleton")
    source.add_argument("name")
    source.add_argument("--objects", default="customers,orders,order_lines", help="canonical objects, comma-separated")
    model = add("new-model", "write a mart's SQL and YAML as a working skeleton")
    model.add_argument("name", help="for example mart_visit_gap")
    model.add_argument("--domain", default="value", help="folder under dbt_project/models/marts")
    dev = add("dev", "Dagster's page and daemon on 127.0.0.1")
    dev.add_argument("--port", type=int, default=3000)
    return parser


def _add_stewards(add: Callable[[str, str], argparse.ArgumentParser]) -> None:
    for name, text in (
        ("merge", "two records are one customer, whatever the rules say"),
        ("split", "two records are two customers, whatever the rules say"),
        ("revoke", "take back what was decided about two records"),
    ):
        decide = add(name, text)
        record = "source:id" if name == "split" else "source:id, or a customer id such as C12"
        decide.add_argument("records", nargs=2, metavar="RECORD", help=record)
        decide.add_argument("--because", required=True)
        if name == "merge":
            decide.add_argument("--until", type=_date, metavar="DATE", help="in force up to this load date")
    review = add("review", "the pairs of customers that wait for a decision, by value at stake")
    review.add_argument("--limit", type=_count, default=20, metavar="PAIRS")
    review.add_argument("--sample", type=_count, metavar="PAIRS", help="draw pairs at random to be labelled, instead")
    review.add_argument("--seed", type=int, default=1, help="of the sample")
    label = add("label", "say whether a pair of the sample is one customer")
    label.add_argument("records", nargs=2, metavar="RECORD")
    label.add_argument("is_same", metavar="yes|no")
    why = add("why", "why two records are one customer, or what holds one record where it is")
    why.add_argument("records", nargs="+", metavar="RECORD", help="source:id, or a customer id such as C12")
    for shows in (review, why):
        shows.add_argument("--show-values", action="store_true", help="personal values as they are, not masked")


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, found {text!r}")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit code. Only a bug shows a traceback."""
    try:
        options = _parser().read(arguments)
        return _command(options)
    except LiucunError as error:
        print(f"liucun: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("liucun: interrupted; nothing was published. The next run sweeps what is left.", file=sys.stderr)
        return 1
    except BrokenPipeError:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _command(options: argparse.Namespace) -> int:
    settings = Settings.from_environment().override(home=options.home, warehouse=options.warehouse)
    if options.command == "run":
        return _run(settings, options)
    if options.command == "dev":
        return _dev(settings, options.port)
    if options.command == "new-source":
        from orchestration.scaffold import new_source

        return _written(new_source(PROJECT, options.name, [name.strip() for name in options.objects.split(",")]))
    if options.command == "new-model":
        from orchestration.scaffold import new_model

        return _written(new_model(PROJECT, options.name, options.domain))
    from orchestration import operations

    now, who = datetime.now(UTC), settings.user
    if options.command == "status":
        lines = operations.status(settings)
    elif options.command == "runs":
        lines = operations.runs(settings)
    elif options.command == "rollback":
        lines = operations.rollback(settings, options.to, because=options.because, by=who, at=now)
    elif options.command == "erase":
        lines = _erase(settings, options, now)
    elif options.command in ("merge", "split", "revoke", "review", "label", "why"):
        lines = operations.steward(settings, lambda prepared: _steward(prepared, options, now))
    elif options.command == "train-identity":
        lines = operations.train_identity(settings, today=now.date())
    elif options.command == "prune":
        lines = operations.prune(settings, today=now.date())
    else:
        lines = operations.decide(settings, options.load, options.command, because=options.because, by=who, at=now)
    print("\n".join(lines))
    return 0


def _steward(prepared: "Prepared", options: argparse.Namespace, now: datetime) -> list[str]:
    from orchestration.stewards import commands
    from orchestration.stewards.decide import Decision

    by = prepared.settings.user
    if options.command == "why":
        if len(options.records) > 2:
            raise BadInput(f"why: expected one or two records, found {len(options.records)}")
        return commands.why(prepared, options.records, options.show_values)
    if options.command == "review":
        if options.sample:
            return commands.sample(prepared, options.sample, options.seed, options.show_values)
        return commands.review(prepared, options.limit, options.show_values)
    left, right = options.records
    if options.command == "label":
        return commands.label(prepared, left, right, options.is_same, by, now)
    until = getattr(options, "until", None)
    return commands.decide(prepared, Decision(options.command, left, right, options.because, by, now, until))


def _erase(settings: Settings, options: argparse.Namespace, now: datetime) -> list[str]:
    from orchestration import operations
    from orchestration.erasure.erase import Request

    if options.again and not options.customer_id:
        return operations.erase_again(settings, now)
    if options.again or not options.customer_id or options.because is None:
        raise BadInput("erase: expected CUSTOMER_ID and --because, or --again alone; see liucun erase --help")
    request = Request(options.customer_id, options.because, settings.user, now, options.identifiers)
    return operations.erase(settings, request)


def _run(settings: Settings, options: argparse.Namespace) -> int:
    from orchestration.job import run_daily
    from orchestration.run import RunRequest

    if options.scheduled and (options.as_of or options.known_on):
        raise BadInput("run: --scheduled is a run of today: expected no --as-of and no --known-on beside it")
    request = RunRequest(
        as_of=options.as_of,
        known_on=options.known_on,
        full_refresh=options.full_refresh,
        again=options.again,
        scheduled=options.scheduled,
    )
    return run_daily(settings, request)


def _written(paths: Sequence[Path]) -> int:
    for path in paths:
        print(path.relative_to(PROJECT))
    return 0


def _dev(settings: Settings, port: int) -> int:
    """Replaces this process by Dagster's, on the loopback address only: its page has no authentication."""
    from orchestration.dagster_home import dagster_home
    from orchestration.prepare import prepare

    # What is wrong with the warehouse is told here: Dagster would start, and show a page of errors.
    prepared = prepare(settings)
    home = dagster_home(prepared)
    environment = environment_with(
        {
            "DAGSTER_HOME": str(home),
            "LIUCUN_HOME": str(settings.home),
            "LIUCUN_WAREHOUSE": settings.warehouse,
            "DO_NOT_TRACK": "1",
        }
    )
    dagster = str(Path(sys.executable).with_name("dagster"))
    os.chdir(PROJECT)
    os.execve(
        dagster,
        [dagster, "dev", "--host", "127.0.0.1", "--port", str(port), "--workspace", str(PROJECT / "workspace.yaml")],
        environment,
    )


def console() -> NoReturn:
    """The installed command."""
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    code = main()
    # Taking two hundred thousand objects apart costs two seconds; whoever needs a farewell has registered one.
    atexit._run_exitfuncs()
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.flush()
    os._exit(code)


if __name__ == "__main__":
    console()
