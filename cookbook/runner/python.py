"""Python: runs ``testcode`` and ``doctest`` steps in one interpreter of the project's environment.

Names persist from one Python step to the next, as in one interactive session. After a ``file`` or ``edit`` step, or a
change of an exported variable, the next Python step gets a fresh interpreter: the code that it imported has changed.
"""

import json
import os
import select
import textwrap
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from ..recipe.manifest import Step
from .failure import OutputDiffers, StepFailure, last_lines
from .process import Process
from .shell import State

DRIVER = Path(__file__).with_name("driver.py")


class Interpreter:
    """A running driver (see ``driver.py``).

    :param python: the interpreter of the project's environment.
    :param project: the workspace's project; the first place to import from.
    :param state: the environment and working directory that it starts from.
    """

    def __init__(self, python: Path, project: Path, state: State, network: Any) -> None:
        self.environment = state.environment
        reading, self._requests = os.pipe()
        self._answers, writing = os.pipe()
        self._buffer = b""
        self._greeted = False
        argv = [str(python), "-P", str(DRIVER), str(reading), str(writing), str(project)]
        try:
            self._process = Process(
                argv, cwd=state.folder, environment=state.environment, network=network, pass_fds=(reading, writing)
            )
        finally:
            os.close(reading)
            os.close(writing)

    def run(self, step: Step, folder: str) -> list[dict[str, Any]]:
        """Run the examples of a step.

        :param folder: the working directory.
        :returns: for each example what it printed (``got``) and the exception that it raised (``raised``).
        :raises StepFailure: if one does not do what the page shows, hangs, or ends the interpreter.
        """
        deadline = time.monotonic() + step.timeout
        if not self._greeted:
            self._greeted = True
            greeting = self._read(deadline, step, "the start of the interpreter")
            if "message" in greeting:
                raise StepFailure(greeting["message"])
        examples = msgspec.to_builtins(step.examples)
        request = {"examples": examples, "folder": folder, "place": f"{step.page}, {step.name}"}
        os.write(self._requests, json.dumps(request).encode() + b"\n")
        results: list[dict[str, Any]] = []
        differs = ""
        while True:
            code = examples[min(len(results), len(examples) - 1)]["code"] if examples else ""
            answer = self._read(deadline, step, "\n" + textwrap.indent(code.rstrip("\n"), "    ") + "\n")
            if "done" in answer:
                break
            results.append(answer)
            if answer["message"]:
                message = f"{textwrap.indent(code.rstrip(), '    ')}\n{answer['message'].rstrip()}"
                if answer["raised"] or step.examples[len(results) - 1].expected is None:
                    raise StepFailure(message)
                differs = differs or message
        if differs:
            raise OutputDiffers(differs, *show_results(step, results), results)
        return results

    def _read(self, deadline: float, step: Step, what: str) -> dict[str, Any]:
        while b"\n" not in self._buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._answers], [], [], left)[0]:
                raise StepFailure(
                    f"It hung: {what} had not ended after {step.timeout:g} seconds. Its last output:\n"
                    + last_lines(self._process.lines())
                )
            chunk = os.read(self._answers, 65536)
            if not chunk:
                self._process.wait(1)
                raise StepFailure(
                    f"The interpreter ended (exit status {self._process.status}) in {what}. Its last output:\n"
                    + last_lines(self._process.lines())
                )
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        return json.loads(line)

    def close(self) -> None:
        """End the interpreter."""
        os.close(self._requests)
        self._process.wait(1)  # it ends by itself when its pipe closes
        self._process.kill()
        os.close(self._answers)


def show_results(step: Step, results: Sequence[dict[str, Any]]) -> tuple[str, str]:
    """Return what the page shows of the examples' output, and what it would have to show.

    :returns: two texts: of a ``testcode`` its output; of a ``doctest`` the whole session.
    """
    if not step.examples[0].doctest:
        return step.examples[0].expected or "", results[0]["got"]
    shown, rest = "", step.text + "\n"
    for example, result in zip(step.examples, results, strict=False):
        code = textwrap.indent(example.code, "... ").replace("... ", ">>> ", 1)
        head, _, rest = rest.partition(code + (example.expected or ""))
        shown += head + code + (result["got"] if result["message"] else example.expected or "")
    return step.text, shown + rest
