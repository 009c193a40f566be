"""The cursor stays behind what is still looked for, and never goes back."""

from listener.sources.x_payload import instant, snowflake
from listener.sources.x_recovery import Watermark
from tests.listener.x_harness import START


def test_a_held_watermark_is_released_only_by_the_newest_connect() -> None:
    watermark = Watermark("100")
    first, second = watermark.hold(), watermark.hold()
    assert watermark.live("500") is None
    assert watermark.release(first) == "100"
    assert watermark.live("501") is None
    assert watermark.release(second) == "501"
    assert watermark.live("502") == "502"


def test_a_watermark_never_goes_back() -> None:
    watermark = Watermark("100")
    assert watermark.live("90") == "100"
    assert watermark.recovered("95") == "100"


def test_a_cursor_may_be_made_of_a_time() -> None:
    assert instant(snowflake(START)) == START
