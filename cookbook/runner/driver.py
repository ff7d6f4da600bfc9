"""Driver: the program that runs a page's Python inside the project's own environment; standard library only.

It is started by path (``python -P driver.py READ WRITE``) with two pipes, so that what the examples print cannot
disturb what it reports. A request is one JSON line with examples; the answer is one line an example, then ``done``.
``testcode`` is executed as a module's text, ``doctest`` examples as if typed; both are judged by the standard
library's ``doctest.OutputChecker``.
"""

import contextlib
import doctest
import io
import json
import linecache
import os
import re
import sys
import traceback

SETTINGS = re.compile(r"""environ\.setdefault\(\s*["']DJANGO_SETTINGS_MODULE["'],\s*["']([\w.]+)["']""")
EXCEPTION = doctest.DocTestParser._EXCEPTION_RE


def read_flags(names):
    """Return doctest's option flags; ``1`` is no ``True`` on a page, whatever Python 2 did."""
    flags = doctest.DONT_ACCEPT_TRUE_FOR_1
    for name, on in names.items():
        flag = doctest.OPTIONFLAGS_BY_NAME[name]
        flags = flags | flag if on else flags & ~flag
    return flags


def judge(example, got, raised):
    """Compare what an example did with what the page shows.

    :param example: ``code``, ``expected``, ``flags`` and ``doctest``, as in the manifest.
    :param got: what it printed.
    :param raised: the last line of the exception that it raised, or None.
    :returns: None if it is what the page shows, else the difference.
    """
    want = example["expected"] or ""
    if want and not want.endswith("\n"):
        want += "\n"
    flags = read_flags(example["flags"])
    if not example["doctest"]:  # there a blank line is a blank line
        flags |= doctest.DONT_ACCEPT_BLANKLINE
    checker = doctest.OutputChecker()
    announced = EXCEPTION.match(want)
    if raised is not None:
        if announced and checker.check_output(announced.group("msg"), raised, flags):
            return None
        if announced:
            return f"Expected:\n    {announced.group('msg')}Got:\n    {raised}"
        return f"It raised {raised}"
    # Sphinx strips the blank lines around a testoutput, and so must its comparison.
    if not example["doctest"]:
        got = got.rstrip("\n") + "\n" if got.strip() else ""
    if checker.check_output(want, got, flags):
        return None
    shown = doctest.Example(example["code"], want)
    return checker.output_difference(shown, got, flags | doctest.REPORT_UDIFF).rstrip("\n")


def execute(example, names, place):
    """Run one example.

    :param names: the names that it shares with those before it.
    :param place: what its code is called in a traceback.
    :returns: what it printed, the exception's last line or None, and the whole traceback.
    """
    source = example["code"]
    linecache.cache[place] = (len(source), None, source.splitlines(keepends=True), place)
    printed = io.StringIO()
    hook, sys.displayhook = sys.displayhook, sys.__displayhook__
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(source, place, "single" if example["doctest"] else "exec"), names)  # noqa: S102
    except BaseException as error:  # SystemExit too: a page's code must not end its driver
        raised = traceback.format_exception_only(type(error), error)[-1]
        frames = error.__traceback__.tb_next if error.__traceback__ else None
        whole = "".join(traceback.format_exception(type(error), error, frames))
        return printed.getvalue(), raised, whole
    finally:
        sys.displayhook = hook
    return printed.getvalue(), None, ""


def set_up_django(folder):
    """Set Django up as the project's ``manage.py`` would, if there is one."""
    path = os.path.join(folder, "manage.py")  # noqa: PTH118 - one module less to load
    if not os.path.isfile(path):  # noqa: PTH113
        return
    with open(path, encoding="utf-8") as file:  # noqa: PTH123
        if found := SETTINGS.search(file.read()):
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", found.group(1))
    import django

    django.setup()


def close_connections():
    """Let go of the database between steps, so that the next one can change it."""
    if "django.db" in sys.modules:
        sys.modules["django.db"].connections.close_all()


def main():
    """Answer requests until the pipe closes."""
    requests = os.fdopen(int(sys.argv[1]), encoding="utf-8")
    answers = os.fdopen(int(sys.argv[2]), "w", encoding="utf-8")
    project = sys.argv[3]

    def answer(**content):
        answers.write(json.dumps(content) + "\n")
        answers.flush()

    sys.argv = [""]
    sys.path.insert(0, project)
    names = {"__name__": "__main__", "__builtins__": __builtins__}
    try:
        set_up_django(project)
    except BaseException:
        answer(message="Django could not be set up:\n" + traceback.format_exc())
        return
    answer(ready=True)
    for line in requests:
        request = json.loads(line)
        os.chdir(request["folder"])
        for number, example in enumerate(request["examples"]):
            got, raised, whole = execute(example, names, f"<{request['place']}, example {number + 1}>")
            message = judge(example, got, raised)
            if message and raised:
                message = f"{message}\n{whole}" if example["expected"] else whole
            answer(got=got, raised=raised, message=message)
            # After an output that differs the rest still tells what it prints; after an exception it would mislead.
            if message and (raised or not example["expected"]):
                break
        close_connections()
        answer(done=True)


if __name__ == "__main__":
    main()
