"""Python steps: Sphinx's own ``testcode``, ``testoutput`` and ``doctest``, with a name."""

import doctest
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.ext.doctest import DoctestDirective, TestcodeDirective, TestoutputDirective

from ..recipe.console import refuse_empty_expectation
from ..recipe.manifest import PythonExample
from ..recipe.problem import RecipeError
from .blocks import build_step
from .directives import CookbookDirective, Options

FLAG_NAMES = {flag: name for name, flag in doctest.OPTIONFLAGS_BY_NAME.items()}


def name_flags(flags: dict[int, bool]) -> dict[str, bool]:
    """Return doctest flags by name; ``...`` always stands for any text, as on all pages."""
    return {"ELLIPSIS": True, **{FLAG_NAMES[flag]: value for flag, value in flags.items()}}


def read_doctest(text: str, flags: dict[int, bool]) -> tuple[PythonExample, ...]:
    """Return the examples of an interactive session."""
    examples = doctest.DocTestParser().get_examples(text)
    found = []
    for example in examples:
        refuse_empty_expectation(example.want.splitlines())
        found.append(
            PythonExample(
                code=example.source,
                expected=example.want,
                flags=name_flags({**flags, **example.options}),
                doctest=True,
            )
        )
    if not found:
        raise RecipeError("The `doctest` step has no example.", "Start its lines with `>>> `.")
    return tuple(found)


class PythonStepDirective(CookbookDirective):
    """What ``testcode`` and ``doctest`` have in common: Sphinx builds the block, this makes it a step."""

    sphinx_directive: ClassVar[type]

    def build(self) -> list[nodes.Node]:
        """Return the step, or Sphinx's plain block of an example: in a docstring, or on a page in reStructuredText."""
        (block,) = self.sphinx_directive.run(self)  # type: ignore[attr-defined]
        if not isinstance(block, nodes.literal_block):
            raise RecipeError(f"The `{self.name}` block is hidden.", "Show it: a reader needs all that runs.")
        if "name" not in self.options and not self.is_page():
            return [block]
        name = self.require_name()
        examples = self.examples(block)
        code = "".join(example.code for example in examples)
        # Sphinx would collect the block for its own doctest builder; here it is the engine's.
        block.attributes.pop("testnodetype", None)
        return build_step(self, name, "python", [block], copy=code, text=self.body(), examples=examples)

    def is_page(self) -> bool:
        """Tell whether the block stands on a page of steps; elsewhere pytest-sphinx runs it, see `docs/source/core`."""
        source = self.get_source_info()[0] or ""
        return ":docstring of " not in source and not source.endswith(".rst")

    def examples(self, block: nodes.literal_block) -> tuple[PythonExample, ...]:
        """Return what is run."""
        raise NotImplementedError


class TestcodeStepDirective(PythonStepDirective):
    """``{testcode}``: Python that is run; a ``testoutput`` below it shows what it prints."""

    sphinx_directive = TestcodeDirective
    optional_arguments = 1
    option_spec: ClassVar = Options(TestcodeDirective.option_spec | {"name": directives.unchanged})

    def examples(self, block: nodes.literal_block) -> tuple[PythonExample, ...]:
        """Return the code; its output is added when the page is analysed."""
        return (PythonExample(code=block.astext() + "\n", expected=None, flags=name_flags({})),)


class DoctestStepDirective(PythonStepDirective):
    """``{doctest}``: an interactive session."""

    sphinx_directive = DoctestDirective
    optional_arguments = 1
    option_spec: ClassVar = Options(DoctestDirective.option_spec | {"name": directives.unchanged})

    def examples(self, block: nodes.literal_block) -> tuple[PythonExample, ...]:
        """Return the session's examples."""
        return read_doctest(block.get("test", block.astext()), block["options"])


class TestoutputStepDirective(CookbookDirective):
    """``{testoutput}``: what the ``testcode`` above it prints."""

    optional_arguments = 1
    option_spec: ClassVar = Options(TestoutputDirective.option_spec)

    def build(self) -> list[nodes.Node]:
        """Return Sphinx's block, marked for the analysis."""
        (block,) = TestoutputDirective.run(self)  # type: ignore[arg-type]
        refuse_empty_expectation(block.astext().splitlines())
        block.line = self.lineno
        return [block]


def attach_output(step: nodes.container, block: nodes.literal_block) -> None:
    """Give a ``testoutput`` to the ``testcode`` step above it: the expectation and the place on the page."""
    content: dict[str, Any] = step["cookbook_step"]
    (example,) = content["examples"]
    content["examples"] = (
        PythonExample(
            code=example.code,
            expected=block.astext() + "\n",
            flags=name_flags(block["options"]),
        ),
    )
    block.attributes.pop("testnodetype", None)
    block.parent.remove(block)
    frame = nodes.container(classes=["cookbook-block", "cookbook-output"])
    frame += block
    step += frame


def setup(app: Sphinx) -> None:
    """Put the named forms in the place of Sphinx's own."""
    app.add_directive("testcode", TestcodeStepDirective, override=True)
    app.add_directive("doctest", DoctestStepDirective, override=True)
    app.add_directive("testoutput", TestoutputStepDirective, override=True)
