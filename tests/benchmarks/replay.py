"""Replays recipes by a plain shell script: the same commands without the engine, whose time is held against it.

The script writes the files, applies the diffs with git, types the commands, waits for what background programs log,
and runs the checks. It compares nothing, collects nothing and keeps no evidence.
"""

import re
import shlex
import tempfile
import time
from pathlib import Path

from cookbook.commands.inventory import refresh
from cookbook.recipe.console import parse_session
from cookbook.recipe.manifest import Manifest, Step
from cookbook.recipe.repository import Repository
from cookbook.runner.checks import choose_command
from cookbook.runner.process import Process
from cookbook.runner.services import read_needs
from cookbook.runner.session import Session
from cookbook.runner.shell import BASH
from cookbook.runner.surroundings import Surroundings

SECONDS = 300.0
SHELL = ["bash", "--noprofile", "--norc"]
# Parts of a line that differ from run to run, or that a page leaves out: what is waited for is the longest of the rest.
LOOSE = re.compile(r"\.\.\.|\S*\d\S*")
PROLOGUE = """\
set -eu -o pipefail
project={project}
scratch={scratch}
wait_for() {{
    for _ in $(seq 600); do
        grep --quiet --fixed-strings --regexp="$2" "$scratch/$1.log" && return
        sleep 0.1
    done
    echo "$1 did not log: $2"
    return 1
}}
"""
# One interpreter for the Python of a page, as somebody has who types it: it reads names of files, and runs them.
INTERPRETER = """\
import django, os, re, sys, traceback
sys.path.insert(0, sys.argv[1])
found = re.search(r"SETTINGS_MODULE\\W+([\\w.]+)", open(sys.argv[1] + "/manage.py").read())
os.environ.setdefault("DJANGO_SETTINGS_MODULE", found[1])
django.setup()
names = {}
for line in sys.stdin:
    for code in open(line.strip()).read().split("\\0"):
        try:
            exec(compile(code, line, "exec"), names)
        except Exception:
            traceback.print_exc()
    print("done", file=sys.stderr, flush=True)
"""


def choose_replayed(repository: Repository) -> list[Manifest]:
    """Return the recipes that one shell in one network can go through, without servers, which take their time."""
    needs = read_needs(repository.conf)
    return [
        manifest
        for manifest in refresh(repository).manifests
        if manifest.first
        and manifest.workspace == "project"
        and all(step.network == "none" for step in manifest.steps)
        and all(needs[name].kind == "program" for name in manifest.needs)
    ]


def time_engine(repository: Repository, manifest: Manifest) -> float:
    """Verify a recipe with the engine, without leaving evidence.

    :returns: the seconds of its steps and checks.
    """
    session = Session(repository, manifest)
    try:
        session.open()
        opened = time.perf_counter()
        for item in session.items:
            result = session.perform(item)
            assert result.outcome == "passed", f"{manifest.id}, {item}: {result.message}"
        return time.perf_counter() - opened
    finally:
        session.close()


def time_shell(repository: Repository, manifest: Manifest) -> float:
    """Run a recipe's commands and checks as one shell script, in a workspace of the same making.

    :returns: the seconds of the script.
    """
    around = Surroundings(repository, manifest)
    try:
        with tempfile.TemporaryDirectory(prefix="replay-") as scratch:
            project = around.workspace.project
            script = Path(scratch) / "replay.sh"
            script.write_text(write_script(repository, manifest, project, Path(scratch)))
            (Path(scratch) / "interpreter.py").write_text(INTERPRETER)
            started = time.perf_counter()
            environment = {**around.workspace.environment, "PWD": str(project)}
            process = Process([*SHELL, str(script)], cwd=project, environment=environment, network=around.network)
            try:
                status = process.wait(SECONDS)
                seconds = time.perf_counter() - started
            finally:
                process.kill()
            assert status == 0, f"{manifest.id} as a plain script ended with {status}:\n{process.output()[-3000:]}"
            return seconds
    finally:
        around.close()


def write_script(repository: Repository, manifest: Manifest, project: Path, scratch: Path) -> str:
    """Return a recipe as a shell script.

    :param project: the workspace's copy of the project.
    :param scratch: a folder for logs and Python.
    """
    parts = [PROLOGUE.format(project=shlex.quote(str(project)), scratch=shlex.quote(str(scratch)))]
    python = False
    for step in manifest.steps:
        if step.kind in ("file", "edit") and python:
            # What the interpreter has imported has changed.
            parts.append("exec 7>&-; wait $interpreter || true")
            python = False
        if step.kind == "python" and not python:
            parts.append(
                'rm -f "$scratch/in"; mkfifo "$scratch/in"\n'
                'python -P "$scratch/interpreter.py" "$project" < "$scratch/in" '
                '> /dev/null 2> "$scratch/python.log" &\n'
                'interpreter=$!; exec 7> "$scratch/in"; python_steps=0'
            )
            python = True
        parts.append(write_step(step, scratch))
    if python:
        parts.append("exec 7>&-; wait $interpreter || true")
    for check in repository.checks:
        parts.append(f'(cd "$project" && {choose_command(check, manifest)})')
    return "\n".join(parts) + "\n"


def write_step(step: Step, scratch: Path) -> str:
    """Return a step as lines of a shell script."""
    path = f'"$project"/{shlex.quote(step.path or "")}'
    if step.kind == "file":
        mode = f"\nchmod +x {path}" if step.executable else ""
        return f"mkdir -p \"$(dirname {path})\"\ncat > {path} <<'END OF FILE'\n{step.text}\nEND OF FILE{mode}"
    if step.kind == "edit":
        return f"git -C \"$project\" apply --recount <<'END OF FILE'\n{step.text}\nEND OF FILE"
    if step.kind == "run":
        return "\n".join(write_command(command.text, command.status) for command in parse_session(step.text))
    if step.kind == "background":
        (command,) = parse_session(step.text)
        start = f'{shlex.join(BASH)} -c {shlex.quote(command.text)} > "$scratch/{step.name}.log" 2>&1 &'
        return f"{start}\npid_{step.name.replace('-', '_')}=$!\n{write_wait(step.name, command.expected)}"
    target = step.target or ""
    if step.kind == "log":
        return write_wait(target, tuple(step.text.splitlines()))
    if step.kind == "stop":
        pid = f"$pid_{target.replace('-', '_')}"
        return f"kill {pid}; wait {pid} || true"
    code = scratch / f"{step.name}.py"
    code.write_text("\0".join(example.code for example in step.examples))
    count = "python_steps=$((python_steps + 1))"
    poll = 'until [ "$(grep -c "^done" "$scratch/python.log")" = $python_steps ]; do sleep 0.02; done'
    return f"{count}; echo {shlex.quote(str(code))} >&7\n{poll}"


def write_command(text: str, status: int) -> str:
    """Return a command of a session; one that the page shows failing may fail."""
    return f"set +e\n{text}\nset -e" if status else text


def write_wait(name: str, lines: tuple[str, ...]) -> str:
    """Return what waits for the last telling line of a program's log."""
    pieces = [max(LOOSE.split(line), key=len).strip() for line in lines]
    told = [piece for piece in pieces if piece]
    return f"wait_for {name} {shlex.quote(told[-1])}" if told else ":"
