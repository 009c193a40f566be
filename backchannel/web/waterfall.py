"""Draws the reasons of a candidate as a waterfall: each bar begins where the one before ended."""

from collections.abc import Sequence

from markupsafe import Markup

from backchannel.explanation import Bar

WIDTH, BAR_HEIGHT, GAP = 240, 12, 12
_PAD = 2.0


def waterfall_svg(bar: Bar, bars: Sequence[Bar]) -> Markup:
    """Give one bar as an SVG of its own, on the scale that all bars of its candidate share.

    Places are attributes of SVG, because the page's policy allows no inline style.
    """
    low = min(0.0, *(min(one.start, one.end) for one in bars))
    high = max(0.0, *(max(one.start, one.end) for one in bars))
    scale = (WIDTH - 2 * _PAD) / ((high - low) or 1.0)
    left = _PAD + (min(bar.start, bar.end) - low) * scale
    zero = _PAD + (0.0 - low) * scale
    kind = "for" if bar.weight >= 0 else "against"
    return Markup(  # noqa: S704  numbers and our own two words
        f'<svg class="fall {kind}" viewBox="0 0 {WIDTH} {BAR_HEIGHT}" width="{WIDTH}" height="{BAR_HEIGHT}" '
        f'aria-hidden="true"><line x1="{zero:.1f}" x2="{zero:.1f}" y1="0" y2="{BAR_HEIGHT}"/>'
        f'<rect x="{left:.1f}" y="1" width="{max(1.5, abs(bar.weight) * scale):.1f}" height="{BAR_HEIGHT - 2}"/></svg>'
    )
