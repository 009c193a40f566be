"""How a command says that it failed: in words with the next step, and never as a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.markup import escape
from sqlalchemy.exc import SQLAlchemyError

from backchannel.config import ConfigError
from backchannel.reload import NotReadyError
from crm.source import CrmError
from ledger.database import DatabaseUrlError
from ledger.migrate import SchemaError
from matcher.custom_model import CustomModelError
from matcher.encoder import EncoderFilesError
from matcher.heads import HeadsMissingError
from matcher.model_file import LinkingModelMissing


class CommandError(Exception):
    """A command cannot do what it was asked; the text names the next step."""


FAILED, CONFIG_BROKEN = 1, 3
"""Exit codes: 0 it is so, 1 it is not or could not be done, 2 wrong use (typer's own), 3 the configuration is broken.

A service manager should not start the service again after a 3: nothing changes until somebody edits the file.
"""

_MENDABLE = (
    CommandError,
    NotReadyError,
    CrmError,
    SchemaError,
    DatabaseUrlError,
    EncoderFilesError,
    HeadsMissingError,
    LinkingModelMissing,
    CustomModelError,
)

err = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def told() -> Iterator[None]:
    """Turn everything that a user can mend into a message and an exit code."""
    try:
        yield
    except ConfigError as error:
        for problem in error.problems:
            err.print(escape(problem.at(error.name)), style="red")
        raise typer.Exit(CONFIG_BROKEN) from None
    except _MENDABLE as error:
        raise _failed(str(error)) from None
    except SQLAlchemyError as error:
        raise _failed(f"the database refused ({type(error).__name__}): run 'backchannel doctor' to see why") from None
    except (OSError, TimeoutError) as error:
        raise _failed(f"{error.strerror or type(error).__name__}: run 'backchannel doctor' to see why") from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _failed(text: str) -> typer.Exit:
    err.print(escape(text), style="red")
    return typer.Exit(FAILED)
