"""How fast the product is, each figure beside its baseline: ``python -m bench.speed path|encoder|link [options]``."""

import importlib
import importlib.util
import sys
from collections.abc import Sequence

BENCHES = {
    "path": ("bench.path", "the whole path: reading, deciding, wire to Slack, start-up and memory"),
    "encoder": ("bench.encoder", "sentences per second of the encoder"),
    "link": ("bench.linking", "linking alone, over many open cases"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bench that is named first, with the other arguments, and give the exit status."""
    chosen, *rest = list(sys.argv[1:] if arguments is None else arguments) or [""]
    if chosen not in BENCHES:
        print(f"usage: python -m bench.speed {'|'.join(BENCHES)} [options]\n")
        print("\n".join(f"  {name:<8} {about}" for name, (_, about) in BENCHES.items()))
        return 0 if chosen in ("-h", "--help") else 2
    module = BENCHES[chosen][0]
    if importlib.util.find_spec(module) is None:
        print(f"{module} is not part of this checkout")
        return 2
    try:
        bench = importlib.import_module(module)
    except ModuleNotFoundError as error:
        print(f"{module} needs the package {error.name}: run it where that is installed")
        return 2
    bench.main(rest)
    return 0


if __name__ == "__main__":
    sys.exit(main())
