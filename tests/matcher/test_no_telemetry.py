"""Nothing tells anybody outside what this machine does."""

import os
import subprocess
import sys
from pathlib import Path

LOADS = """
from matcher.encoder import Encoder
with Encoder() as encoder:
    encoder.prepare_second()
    print(encoder.meant(["hello"]).shape)
"""
SILENCERS = ("CI", "GITHUB_ACTIONS", "ORT_DISABLE_TELEMETRY")


def test_onnx_runtime_opens_no_telemetry_session(tmp_path: Path) -> None:
    """Since 1.29 it reports to its maker on Linux too; a session of it leaves a file, and a cache in the home."""
    home, scratch = tmp_path / "home", tmp_path / "scratch"
    for folder in (home, scratch):
        folder.mkdir()
    inherited = {name: value for name, value in os.environ.items() if name not in SILENCERS}
    environment = inherited | {"HOME": str(home), "TMPDIR": str(scratch), "XDG_CACHE_HOME": str(home)}
    ran = subprocess.run([sys.executable, "-c", LOADS], env=environment, capture_output=True, text=True, check=False)
    assert ran.stdout == "(1, 384)\n", ran.stderr
    assert list(scratch.rglob("*")) == []
    assert list(home.rglob("*")) == []
