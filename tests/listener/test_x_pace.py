"""Connects stay within X's 50 in 15 minutes, whatever X does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.source import SourceError
from listener.sources.x_pace import CONNECTS, Ended, Pace
from listener.sources.x_refusal import Refusal, read_refusal


def connect(pace: Pace, now: float, *, lives: float | None, ended: Ended) -> float:
    """One connection that opens, unless it lives for None. Gives the time at which it is over."""
    now += pace.wait(now)
    pace.connecting(now)
    if lives is not None:
        pace.opened(now)
        now += lives
    pace.ended(ended, now)
    return now


def most_in_15_minutes(lives: list[float]) -> int:
    """How many connects the fullest 15 minutes hold when connections live so long."""
    pace, now, times = Pace(), 0.0, []
    for life in lives:
        times.append(now + pace.wait(now))
        now = connect(pace, now, lives=life, ended=Ended("closed"))
    return max(sum(start <= time < start + 900 for time in times) for start in times)


@given(st.lists(st.sampled_from([0.0, 0.5, 5.0, 30.0, 61.0]), min_size=120, max_size=200))
def test_no_15_minutes_hold_more_connects_than_x_allows(lives: list[float]) -> None:
    assert most_in_15_minutes(lives) <= CONNECTS


def test_healthy_connections_between_short_ones_do_not_add_up_to_too_many_connects() -> None:
    assert most_in_15_minutes([61.0, 0.0, 0.0, 0.0, 0.0] * 30) <= CONNECTS


def test_a_stream_that_x_closes_at_once_is_left_alone_for_longer_each_time() -> None:
    pace, now, waits = Pace(), 0.0, []
    for _ in range(9):
        now = connect(pace, now, lives=0.0, ended=Ended("closed"))
        waits.append(pace.wait(now))
    assert waits == sorted(waits)
    assert waits[0] < 1
    assert waits[-1] == 20


def test_a_stream_that_lived_a_minute_is_connected_again_quickly() -> None:
    pace, now = Pace(), 0.0
    for _ in range(9):
        now = connect(pace, now, lives=0.0, ended=Ended("closed"))
    now = connect(pace, now, lives=61, ended=Ended("closed"))
    assert pace.wait(now) < 1


def refused(status: int, **said: object) -> Ended:
    return Ended("refused", Refusal(status, **said))  # type: ignore[arg-type]  # table of fields


def test_a_limit_that_says_when_it_opens_is_waited_for() -> None:
    pace = Pace()
    now = connect(pace, 1_000.0, lives=None, ended=refused(429, reset=1_700.0))
    assert pace.wait(now) == pytest.approx(701)


def test_too_many_connections_are_waited_for_a_minute_and_longer_each_time() -> None:
    pace, now, waits = Pace(), 0.0, []
    for _ in range(4):
        now = connect(pace, now, lives=None, ended=refused(429, issue="TooManyConnections", reset=5.0))
        waits.append(pace.wait(now))
    assert waits == [60, 120, 240, 480]


def test_trouble_of_x_is_waited_for_longer_each_time() -> None:
    pace, now, waits = Pace(), 0.0, []
    for _ in range(4):
        now = connect(pace, now, lives=None, ended=refused(503))
        waits.append(pace.wait(now))
    assert waits == [5, 10, 20, 40]


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refusal_that_waiting_does_not_mend_ends_the_source_at_once(status: int) -> None:
    with pytest.raises(SourceError) as raised:
        connect(Pace(), 0.0, lives=None, ended=refused(status))
    assert raised.value.permanent
    assert str(status) in str(raised.value)


@pytest.mark.parametrize(
    "ended", [Ended("broken"), refused(503), refused(402), refused(429, issue="TooManyConnections")]
)
def test_six_connects_in_a_row_that_never_opened_are_handed_to_the_supervisor(ended: Ended) -> None:
    pace, now = Pace(), 0.0
    for _ in range(5):
        now = connect(pace, now, lives=None, ended=ended)
    with pytest.raises(SourceError) as raised:
        connect(pace, now, lives=None, ended=ended)
    assert not raised.value.permanent
    assert raised.value.retry_after


def test_a_refusal_is_read_from_json_and_survives_html() -> None:
    body = b'{"title": "ConnectionException", "detail": "maximum", "connection_issue": "TooManyConnections"}'
    assert read_refusal(429, {"x-rate-limit-reset": "17"}, body) == Refusal(
        429, "ConnectionException", "maximum", "TooManyConnections", 17.0
    )
    assert read_refusal(503, {}, b"<html>over capacity</html>") == Refusal(503)


def test_a_refused_parameter_is_named_in_the_error() -> None:
    body = b'{"title": "Invalid Request", "errors": [{"message": "The query is wrong", "parameters": {}}]}'
    assert "The query is wrong" in str(read_refusal(400, {}, body).error("recent search"))
