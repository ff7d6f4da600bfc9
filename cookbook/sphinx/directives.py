"""The directives that recipes are written with; Python steps have a module of their own."""

import re
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from ..recipe.console import clipboard_text, parse_session, refuse_empty_expectation
from ..recipe.patch import parse_patch
from ..recipe.problem import RecipeError
from .blocks import build_block, build_step, guess_language
from .repository import find_repository

STEP_NAME = re.compile(r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")


class Options(dict):
    """An option table that lets unknown options through, so that they are reported as problems of the page.

    docutils and MyST would drop them with a warning that does not say which ones there are.
    """

    def __contains__(self, _name: object) -> bool:
        return True

    def __missing__(self, _name: str) -> Any:
        return directives.unchanged


class CookbookDirective(SphinxDirective):
    """What the directives have in common: a mistake becomes a problem that names page, line and remedy."""

    has_content = True
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return the block's nodes; a mistake leaves a marker that :mod:`.pages` turns into a problem."""
        try:
            self.check_options()
            return self.build()
        except RecipeError as error:
            return [self.mark(error)]

    def mark(self, error: RecipeError) -> nodes.comment:
        """Return an invisible node that carries a mistake to where the page is analysed."""
        name = self.options.get("name", "")
        marker = nodes.comment("", "", cookbook_problem=(error.found, error.instead, name))
        marker.line = self.lineno
        return marker

    def check_options(self) -> None:
        """Refuse options that the directive does not know."""
        known = dict.keys(self.option_spec)
        for option in self.options:
            if option not in known:
                raise RecipeError(
                    f"The directive `{self.name}` has no option `:{option}:`.",
                    f"It knows {', '.join(f'`:{name}:`' for name in sorted(known)) or 'none'}.",
                )

    def build(self) -> list[nodes.Node]:
        """Return the block's nodes."""
        raise NotImplementedError

    def require_name(self) -> str:
        """Return the step's name; every step has one, since links and evidence hang on it."""
        name = self.options.get("name", "")
        if not name:
            raise RecipeError(f"The `{self.name}` step has no name.", "Give it one: `:name: say-what-it-does`.")
        if not STEP_NAME.match(name):
            raise RecipeError(f"{name!r} is no step name.", "Write it in lower case with hyphens: `start-the-worker`.")
        return name

    def require_path(self) -> str:
        """Return the file that the step writes, relative to the project."""
        path = self.arguments[0].strip() if self.arguments else ""
        if not path or path.startswith("/") or ".." in path.split("/"):
            raise RecipeError(
                f"{path!r} is no file inside the project.",
                f"Name one relative to the project: `{{{self.name}}} a/b.py`.",
            )
        return path

    def body(self) -> str:
        """Return the block's text, to the letter."""
        return "\n".join(self.content)


class FileDirective(CookbookDirective):
    """``{file} path``: a new file with the block's text."""

    optional_arguments = 1
    option_spec: ClassVar = Options(
        name=directives.unchanged, language=directives.unchanged, executable=directives.flag
    )

    def build(self) -> list[nodes.Node]:
        """Return the step."""
        name, path, text = self.require_name(), self.require_path(), self.body()
        if not text.strip():
            raise RecipeError(f"The new file {path} is empty.", "Write its content into the block.")
        language = self.options.get("language") or guess_language(path)
        block = build_block(text, language)
        return build_step(
            self, name, "file", [block], copy=text + "\n", text=text, path=path, executable="executable" in self.options
        )


class EditDirective(CookbookDirective):
    """``{edit} path``: a unified diff of a file that is there."""

    optional_arguments = 1
    option_spec: ClassVar = Options(name=directives.unchanged)

    def build(self) -> list[nodes.Node]:
        """Return the step: the diff, and the lines that result."""
        path = self.require_path()
        # MyST reads a body that starts with --- as options: nothing would be left of the diff.
        written = [line for line in self.block_text.splitlines() if line.strip()]
        if written and written[0].startswith(("---", "```{edit}")) and any(line == f"+++ b/{path}" for line in written):
            first = next(line for line in written if not line.startswith("```"))
            if first.startswith("---"):
                raise RecipeError(
                    f"The diff starts with {first!r}, which is read as options.",
                    f"Give the step a `:name:` and start the diff with `diff --git a/{path} b/{path}`.",
                )
        name, text = self.require_name(), self.body()
        patch = parse_patch(path, text)
        if (reference := find_repository(self.env).reference / path).is_file():
            self.env.note_dependency(str(reference))
        diff = build_block(text, "diff")
        result = build_block(patch.result().rstrip("\n"), guess_language(path))
        result["classes"].append("cookbook-result")
        return build_step(self, name, "edit", [diff, result], copy=text + "\n", text=text, path=path)


class RunDirective(CookbookDirective):
    """``{run}``: a console session; with ``:background:`` a program that goes on running."""

    option_spec: ClassVar = Options(
        name=directives.unchanged,
        background=directives.flag,
        network=directives.unchanged,
        timeout=directives.unchanged,
    )

    def build(self) -> list[nodes.Node]:
        """Return the step."""
        name, text = self.require_name(), self.body()
        commands = parse_session(text)
        background = "background" in self.options
        if background and (len(commands) != 1 or not commands[0].expected):
            raise RecipeError(
                f"The background step has {len(commands)} command(s) and shows "
                f"{len(commands[0].expected)} line(s) of output.",
                "Write one command, and below it the lines that tell that it is ready.",
            )
        network = self.options.get("network", "none")
        if network not in ("none", "host"):
            raise RecipeError(f"`:network: {network}` is unknown.", "Write `:network: host`, or leave it out.")
        block = build_block(text, "console")
        return build_step(
            self,
            name,
            "background" if background else "run",
            [block],
            copy=clipboard_text(commands),
            text=text,
            network=network,
            timeout=read_timeout(self.options.get("timeout")),
        )


def read_timeout(text: str | None) -> float:
    """Return a time limit in seconds.

    :raises RecipeError: if it is no positive number.
    """
    try:
        seconds = 120.0 if text is None else float(text)
    except ValueError:
        seconds = 0.0
    if seconds <= 0:
        raise RecipeError(f"`:timeout: {text}` is no time.", "Write a number of seconds: `:timeout: 60`.")
    return seconds


class WatchDirective(CookbookDirective):
    """``{log} step`` and ``{stop} step``: what the terminal of a background step shows, and ending it."""

    optional_arguments = 1
    option_spec: ClassVar = Options(name=directives.unchanged, timeout=directives.unchanged)

    def build(self) -> list[nodes.Node]:
        """Return the step."""
        name, text = self.require_name(), self.body()
        target = self.arguments[0].strip() if self.arguments else ""
        if not target:
            raise RecipeError(
                f"The `{self.name}` step names no background step.",
                f"Write its name: `{{{self.name}}} start-the-worker`.",
            )
        if self.name == "log" and not text.strip():
            raise RecipeError("The `log` step shows no line.", "Write the lines that must appear.")
        refuse_empty_expectation(text.splitlines())
        blocks = [build_block(text, "none")] if text.strip() else []
        timeout = read_timeout(self.options.get("timeout", "30"))
        return build_step(self, name, self.name, blocks, text=text, target=target, timeout=timeout)


class SampleDirective(CookbookDirective):
    """``{sample}``: a block that cannot run, with the reason; it is counted and listed."""

    optional_arguments = 1
    option_spec: ClassVar = Options(reason=directives.unchanged)

    def build(self) -> list[nodes.Node]:
        """Return the block."""
        reason = self.options.get("reason", "").strip()
        if not reason:
            raise RecipeError("The sample gives no reason.", "Say why it cannot run: `:reason: …`.")
        block = build_block(self.body(), self.arguments[0] if self.arguments else "none")
        block["cookbook_reason"] = reason
        return [block]


class RecipeDirective(CookbookDirective):
    """``{recipe}``: makes the page a recipe, says what it needs, and is replaced by the evidence of its runs."""

    has_content = False
    option_spec: ClassVar = Options(
        needs=directives.unchanged, workspace=directives.unchanged, excludes=directives.unchanged
    )

    def build(self) -> list[nodes.Node]:
        """Return the place where the evidence goes."""
        workspace = self.options.get("workspace", "project")
        if workspace not in ("project", "site"):
            raise RecipeError(f"`:workspace: {workspace}` is unknown.", "Write `project` or `site`.")
        place = nodes.container(classes=["cookbook-evidence"])
        place["cookbook_recipe"] = {
            "needs": self.options.get("needs", "").replace(",", " ").split(),
            "workspace": workspace,
            "excludes": self.options.get("excludes", "").replace(",", " ").split(),
        }
        place.line = self.lineno
        return [place]


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("recipe", RecipeDirective)
    app.add_directive("file", FileDirective)
    app.add_directive("edit", EditDirective)
    app.add_directive("run", RunDirective)
    app.add_directive("log", WatchDirective)
    app.add_directive("stop", WatchDirective)
    app.add_directive("sample", SampleDirective)
