"""What builds ``matcher/model``; ONNX Runtime tells its maker nothing of it."""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
