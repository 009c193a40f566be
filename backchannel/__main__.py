"""``python -m backchannel`` is the command ``backchannel``."""

from backchannel.cli import app

app()
