"""Which load is in force, what a landing load is to the ledger, and which refusals still stand."""

from datetime import UTC, date, datetime

import pytest

from orchestration.errors import BadInput, LiucunError
from orchestration.ingest.acceptance import decide
from orchestration.ingest.decisions import Decision, append_decision, read_decisions

AT = datetime(2025, 3, 1, 7, tzinfo=UTC)
A = "customer_id,name\n1,a\n2,b\n"
B = "customer_id,name\n1,x\n2,y\n"
C = "customer_id,name\n1,p\n"
LINES = "order_id,line_no\n{},1\n"


def in_force(world, **options):
    return [load.load_id for load in world.ledger.in_force(**options)]


def say(world, load_id, verb, because="so agreed"):
    return decide(world.folders, load_id, verb, because, "me", AT)


def put_again(world):
    """What a run does with the one load that lies in landing."""
    load = world.only_load()
    match world.status(load):
        case "new":
            world.accept(world.receive(load))
        case "again":
            world.accept(again=[a for a in world.ledger.accepted() if a.load_id == load.load_id])
    return load.load_id


def test_a_load_sent_again_changes_nothing(world):
    assert world.take(A).load_id == put_again(world)
    before = world.ledger.accepted()
    assert world.status() == "in force"
    world.land(A)
    assert world.status() == "in force"
    assert world.ledger.accepted() == before


def test_a_then_b_then_a_again_ends_as_a(world):
    world.land(A)
    a = put_again(world)
    world.land(B)
    b = put_again(world)
    assert in_force(world) == [b]
    world.land(A)
    assert world.status() == "again"
    assert put_again(world) == a
    assert in_force(world) == [a]
    assert [(load.load_id, load.sequence) for load in world.ledger.accepted()] == [(b, 2), (a, 3)]
    assert world.status() == "in force"


def test_loads_of_different_dates_are_in_force_together_up_to_known_on(world):
    world.land(A, on="2025-01-01")
    world.land(B, on="2025-01-02")
    first, second = world.scan().loads
    world.accept(*(world.receive(load) for load in (first, second)))
    assert in_force(world) == [first.load_id, second.load_id]
    assert in_force(world, known_on=date(2025, 1, 1)) == [first.load_id]
    say(world, second.load_id, "discard")
    assert in_force(world) == [first.load_id]


def test_without_the_later_load_the_one_before_it_is_in_force(world):
    world.land(A)
    a = put_again(world)
    world.land(B)
    b = put_again(world)
    say(world, b, "discard")
    assert in_force(world) == [a]
    assert world.status() == "discarded"
    say(world, b, "retry")
    assert in_force(world) == [b]


def test_a_load_that_lost_a_file_brings_nothing_new_and_one_that_gained_a_file_does(world):
    world.land(A, "a.csv")
    extra = world.land(C, "b.csv")
    put_again(world)
    extra.unlink()
    assert world.status() == "subset"
    assert world.ledger.in_force()[0].manifest.loaded_count == 3
    world.land(B, "c.csv")
    assert world.status() == "new"


def test_a_file_cleared_from_landing_takes_no_rows_away_though_raw_knows_the_rest_as_a_load(world):
    world.land(A, "a.csv")
    put_again(world)
    extra = world.land(C, "b.csv")
    both = put_again(world)
    extra.unlink()
    assert world.status() == "subset"
    assert in_force(world) == [both]


def test_an_object_made_optional_or_taken_out_of_the_contract_blocks_no_longer(world, world_of, contract):
    world.refuse(world.take(A))
    assert len(world.blocking()) == 1
    contract["objects"]["customers"]["required"] = False
    assert (world_of(contract).blocking(), len(world_of(contract).held_back())) == ([], 1)
    del contract["objects"]["customers"], contract["objects"]["orders"]["references"]
    assert (world_of(contract).blocking(), world_of(contract).held_back()) == ([], [])


def test_a_refused_load_is_not_judged_again_and_blocks_until_it_is_mended(world):
    refused = world.take(A)
    world.refuse(refused, "too many empty phones", "too few rows")
    assert world.status() == "quarantined"
    assert world.blocking() == [refused.load_id]
    (quarantined,) = world.quarantined()
    assert quarantined.manifest.reasons == ("too many empty phones", "too few rows")
    assert sorted(p.name for p in quarantined.folder.iterdir()) == ["manifest.json", "rejects.parquet"]
    world.land(B)
    assert world.status() == "new"
    assert world.blocking(world.only_load()) == []
    put_again(world)
    assert world.blocking() == []


def test_a_refusal_after_todays_date_does_not_block_an_earlier_day(world):
    world.refuse(world.take(A, on="2025-01-02"))
    assert world.blocking(known_on=date(2025, 1, 1)) == []
    assert len(world.blocking(known_on=date(2025, 1, 2))) == 1


def test_a_good_load_from_before_the_refusal_does_not_lift_it_unless_it_is_sent_again(world):
    world.land(A)
    a = put_again(world)
    bad = world.take(B)
    world.refuse(bad)
    assert in_force(world) == [a]
    assert world.blocking() == [bad.load_id]
    world.land(A)
    assert world.status() == "again"
    assert world.blocking(world.only_load()) == []
    put_again(world)
    assert world.blocking() == []
    assert world.status() == "in force"


def test_a_later_snapshot_lifts_a_refusal_but_a_later_delta_does_not(world):
    bad = world.take(A, on="2025-01-01")
    world.refuse(bad)
    (world.folders.landing / "crm/customers/load_date=2025-01-01/a.csv").unlink()
    world.land(B, on="2025-01-02")
    put_again(world)
    assert world.blocking() == []
    (world.folders.landing / "crm/customers/load_date=2025-01-02/a.csv").unlink()
    delta = world.take(LINES.format(1), object_name="orders")
    world.refuse(delta)
    (world.folders.landing / "crm/orders/load_date=2025-01-01/a.csv").unlink()
    world.land(LINES.format(2), object_name="orders", on="2025-01-02")
    put_again(world)
    assert world.held_back() == [delta.load_id]


def test_a_refusal_of_an_optional_object_only_holds_it_back(world):
    delta = world.take(LINES.format(1), object_name="orders")
    world.refuse(delta)
    assert world.blocking() == []
    assert world.held_back() == [delta.load_id]


def test_retry_has_a_refused_load_judged_again(world):
    refused = world.take(A)
    folder = world.refuse(refused)
    assert say(world, refused.load_id[:6], "retry", "") == refused.load_id
    assert not folder.exists()
    assert (world.status(), world.blocking()) == ("new", [])
    world.refuse(world.receive())
    assert (world.status(), world.blocking()) == ("quarantined", [refused.load_id])


def test_accept_takes_a_refused_load_as_it_is_and_the_manifest_says_why(world):
    refused = world.take(A)
    world.refuse(refused)
    say(world, refused.load_id, "accept", "checked by hand")
    assert (world.status(), world.blocking()) == ("new", [])
    because = world.ledger.accept_because(refused.load_id)
    world.accept(world.receive(accept_because=because))
    (accepted,) = world.ledger.accepted()
    assert accepted.manifest.decision.because == "checked by hand"
    assert (world.quarantined(), world.status()) == ([], "in force")


def test_discard_lays_a_refusal_to_rest(world):
    refused = world.take(A)
    world.refuse(refused)
    say(world, refused.load_id, "discard")
    assert (world.status(), world.blocking(), in_force(world)) == ("discarded", [], [])
    say(world, refused.load_id, "retry")
    assert world.status() == "new"


@pytest.mark.parametrize(
    ("verb", "state", "said"),
    [
        ("accept", "accepted", "it was not refused"),
        ("retry", "accepted", "neither refused nor discarded"),
        ("accept", "discarded", "retry brings it back"),
        ("discard", "discarded", "discarded already"),
    ],
)
def test_a_decision_that_does_not_fit_the_load_is_refused(world, verb, state, said):
    world.land(A)
    load_id = put_again(world)
    if state == "discarded":
        say(world, load_id, "discard")
    with pytest.raises(BadInput, match=said):
        say(world, load_id, verb)


def test_a_decision_about_an_unknown_load_names_those_that_exist(world):
    world.land(A)
    accepted = put_again(world)
    refused = world.take(B)
    world.refuse(refused)
    for unknown in ("ffffffffffffffff", "", "*"):
        with pytest.raises(BadInput) as caught:
            say(world, unknown, "discard")
        assert accepted in str(caught.value)
        assert refused.load_id in str(caught.value)


def test_an_ambiguous_start_of_a_load_id_is_refused(world):
    for day in range(1, 19):
        world.land(A, on=f"2025-01-{day:02d}")
    loads = world.scan().loads
    for load in loads:
        world.refuse(world.receive(load))
    firsts = [load.load_id[0] for load in loads]
    twice = next(first for first in firsts if firsts.count(first) > 1)
    with pytest.raises(BadInput, match="several loads begin so"):
        say(world, twice, "discard")


def test_of_many_loads_that_begin_so_five_are_named_and_the_others_counted(world):
    append = "customer_id,name\n{},a\n"
    for number in range(120):
        world.land(append.format(number), on=f"2025-{number // 28 + 1:02d}-{number % 28 + 1:02d}")
    for load in world.scan().loads:
        world.refuse(world.receive(load))
    firsts = [folder.name[0] for folder in world.folders.quarantine.iterdir()]
    most = max(set(firsts), key=firsts.count)
    with pytest.raises(BadInput, match=rf"and {firsts.count(most) - 5} more; name more of its id$") as caught:
        say(world, most, "discard")
    assert str(caught.value).count(",") == 4


def test_a_decision_needs_a_reason(world):
    refused = world.take(A)
    world.refuse(refused)
    with pytest.raises(BadInput, match="--because"):
        say(world, refused.load_id, "accept", " ")


def test_the_last_line_about_a_load_counts_whatever_its_reason_holds(tmp_path):
    append_decision(tmp_path, Decision("a", "discard", 'he said "no",\nthen left', "2025-01-01", "me"))
    append_decision(tmp_path, Decision("b", "accept", "x", "2025-01-01", "me"))
    append_decision(tmp_path, Decision("a", "retry", "", "2025-01-02", "me"))
    decisions = read_decisions(tmp_path)
    assert (decisions["a"].decision, decisions["b"].decision) == ("retry", "accept")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("load,what\n", "expected the header"),
        ("load_id,decision,because,decided_at,decided_by\na,keep,x,2025,me\n", "record 2: decision: expected accept"),
        ("load_id,decision,because,decided_at,decided_by\na,retry\n", "record 2: expected 5 fields"),
    ],
)
def test_a_spoilt_decisions_file_is_refused_with_its_line(tmp_path, text, said):
    (tmp_path / "load_decisions.csv").write_text(text)
    with pytest.raises(BadInput, match=said):
        read_decisions(tmp_path)


def test_a_decisions_file_saved_by_excel_is_read(tmp_path):
    text = "\ufeffload_id,decision,because,decided_at,decided_by\r\na,retry,x,2025,me\r\n\r\n"
    (tmp_path / "load_decisions.csv").write_bytes(text.encode())
    assert read_decisions(tmp_path)["a"].decision == "retry"
    append_decision(tmp_path, Decision("b", "retry", "", "2025", "me"))
    assert set(read_decisions(tmp_path)) == {"a", "b"}


def test_a_damaged_manifest_stops_everything_rather_than_being_passed_over(world):
    world.land(A)
    put_again(world)
    (accepted,) = world.ledger.accepted()
    (accepted.folder / "manifest.json").write_text("{}")
    with pytest.raises(LiucunError, match="the ledger is damaged"):
        world.ledger.in_force()
