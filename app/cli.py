"""The command line: one group, one module for each command.

Exit codes: 0 sound, 1 faults in the YAML (or a refusal the user can do something about), 2 our fault.
"""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import click

from app.commands.common import Session
from app.source import N_, PortalError, Refusal, Translate, collector_paused

FAULTS, OURS = 1, 2

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "check": "app.commands.check",
        "schema": "app.commands.schema",
        "reference": "app.commands.reference",
        "plan": "app.commands.life",
        "apply": "app.commands.life",
        "releases": "app.commands.life",
        "rollback": "app.commands.life",
        "pull": "app.commands.life",
        "replay": "app.commands.replay",
        "assess": "app.commands.judge",
        "deadline": "app.commands.deadline",
        "score": "app.commands.judge",
        "rejudge": "app.commands.rejudge",
        "report": "app.commands.report",
        "serve": "app.commands.serve",
        "worker": "app.commands.worker",
        "demo": "app.commands.demo",
        "translate": "app.commands.translate",
    }
)
"""Command -> the module that holds it, under the command's own name. A module is loaded when its command
is called, so that `check` need not wait for the web."""


_TROUBLE = "app.storage.trouble"


class LazyGroup(click.Group):
    """A group whose commands are loaded when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        with collector_paused():  # what a command imports stays, all two thousand modules of it
            module = importlib.import_module(COMMANDS[cmd_name])
        found = getattr(module, cmd_name.replace("-", "_"))
        return found if isinstance(found, click.Command) else None

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what the files or the database refuse ends it with words and FAULTS."""
        try:
            return super().invoke(ctx)
        except _refusals() as error:
            said = _said(error, ctx.obj.translate) if isinstance(ctx.obj, Session) else None
            if said is None or ctx.obj.debug:
                raise
            raise click.ClickException(said) from error


def _refusals() -> tuple[type[Exception], ...]:
    """What the files or the database refuse with; a database's errors only where one was asked, since the
    module that knows them would bring all of it in."""
    if "sqlalchemy" not in sys.modules:
        return (Refusal, OSError)
    known: tuple[type[Exception], ...] = importlib.import_module(_TROUBLE).ERRORS
    return (Refusal, OSError, *known)


def _said(error: Exception, translate: Translate) -> str | None:
    """What is wrong with a file, a folder or the database; None where it is something else."""
    if isinstance(error, Refusal):
        return error.message(translate)
    if isinstance(error, OSError) and error.strerror:
        place = f": {error.filename}" if error.filename else ""
        return translate(N_("This could not be done: {reason}")).format(reason=f"{error.strerror}{place}")
    if isinstance(error, OSError):
        return None
    found = importlib.import_module(_TROUBLE).trouble_of(error)
    return None if found is None else str(found.message(translate))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path(),
    help="The folder that holds config/, checklists/, report_templates/, translations/ (default: here).",
)
@click.option("--lang", default=None, help="The language of messages, such as zh_Hans (default: LANG).")
@click.option("--debug", is_flag=True, help="Show the whole trace when something goes wrong on our side.")
@click.pass_context
def cli(ctx: click.Context, root: Path, lang: str | None, debug: bool) -> None:
    """Ducha: a portal for service-quality supervision that is declared in YAML."""
    ctx.obj = Session(root, lang, debug)


def main(arguments: list[str] | None = None) -> None:
    """Run one command and leave with its exit code."""
    argv = sys.argv[1:] if arguments is None else arguments
    try:
        sys.exit(cli.main(argv, prog_name="python run.py", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.exceptions.Exit as asked:
        sys.exit(asked.exit_code)
    except click.Abort:
        click.echo("Aborted.", err=True)
        sys.exit(FAULTS)
    except PortalError as error:
        click.echo(str(error), err=True)
        sys.exit(FAULTS)
    except Exception as error:
        # The only place that catches everything: whatever is left is our fault, and is said in one line.
        if "--debug" in argv:
            traceback.print_exc()
        said = f"{type(error).__name__}: {error}"
        click.echo(f"This is a fault of the program, not of your YAML; please report it: {said}", err=True)
        sys.exit(OURS)
