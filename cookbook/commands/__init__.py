"""The command ``cookbook``: registers one module a command; each is a short layer over manifests and evidence."""

from typing import Annotated

import typer

from .. import __version__
from . import apply as apply_module
from . import coverage as coverage_module
from . import doctor as doctor_module
from . import list as list_module
from . import mutate as mutate_module
from . import serve as serve_module
from . import start as start_module
from . import verify as verify_module

app = typer.Typer(
    name="cookbook",
    help="Recipes for Django projects that are executed before you read them.\n\n"
    "Start with `cookbook list` (what there is) and `cookbook doctor` (what this machine can run). "
    "`cookbook start NAME PATH` makes a project of your own; "
    "`cookbook apply RECIPE PATH` carries a recipe onto it.",
    epilog="Exit status: 0 all good, 1 something failed, 2 wrong usage or bad input.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"cookbook {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Take the options that stand before the command."""


app.command("list")(list_module.list_recipes)
app.command("verify")(verify_module.verify_recipes)
app.command("coverage")(coverage_module.measure_coverage)
app.command("mutate")(mutate_module.mutate_recipes)
app.command("apply")(apply_module.apply_recipe)
app.command("start")(start_module.start_project)
app.command("doctor")(doctor_module.examine_machine)
app.command("serve")(serve_module.serve_everything)


def main() -> None:
    """Run the command line; the entry point of the installed package."""
    app()
