"""Whose turn it is in a round: fair over hosts, whatever their number of sources."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bench.fair import play
from listener.gather.turns import Turns

DUE = st.lists(st.integers(0, 6), max_size=40).map(
    lambda hosts: [(f"s{n}", f"h{host}") for n, host in enumerate(hosts)]
)


def test_every_hosts_first_comes_before_any_hosts_second() -> None:
    crowd = [(f"crowd{number}", "crowd") for number in range(1000)]
    others = [(f"other{number}", f"host{number}") for number in range(200)]
    turns = Turns([*crowd, *others], per_host=4)
    taken = turns.take(201)
    assert taken[0] == "crowd0"
    assert set(taken[1:]) == {name for name, _ in others}
    assert turns.take(50) == ["crowd1", "crowd2", "crowd3"], "a crowded host waits at its limit"
    assert turns.take(50) == []
    turns.back("crowd1")
    assert turns.take(50) == ["crowd4"]


@given(DUE, st.integers(1, 4), st.integers(1, 9), st.randoms())
def test_everybody_has_one_turn_and_no_host_more_than_its_share(due, per_host, places, chance) -> None:  # type: ignore[no-untyped-def]
    turns, host_of = Turns(due, per_host), dict(due)
    out: list[str] = []
    seen: list[str] = []
    while True:
        taken = turns.take(places)
        seen += taken
        out += taken
        for host in set(host_of.values()):
            assert sum(host_of[name] == host for name in out) <= per_host
        if not out:
            break
        name = out.pop(chance.randrange(len(out)))
        turns.back(name)
    assert sorted(seen) == sorted(host_of)
    for host in set(host_of.values()):
        own = [name for name, where in due if where == host]
        assert [name for name in seen if host_of[name] == host] == own, "the longest due first"


async def test_a_crowded_host_keeps_nobody_waiting_in_a_real_round(tmp_path: Path) -> None:
    found = await play(tmp_path, hosts=20, crowd=120, answer_s=0.002, budget_s=None)
    assert found["visited"] == 139
    assert found["others_started"] == 19
    assert found["crowd_started_before_the_last_other"] <= 8, "no more than the crowd's places"
