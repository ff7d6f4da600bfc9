"""Removes secrets, and on request personal data, from what leaves the process as a record."""

import re
from collections.abc import Mapping
from typing import Any

REDACTED = "[redacted]"

# Parts of names whose values are secret, and whole names for which a part would say too little.
_PARTS = (
    "password|passwd|secret|token|authorization|cookie|(?:api|access|private)[_-]?key|"
    "signature|credential|session_?id|csrf|dsn"
)
_WHOLE = "auth|code|otp|pin|nonce|sid|session"
_SECRET_NAME = re.compile(rf"(?:.*(?:{_PARTS}).*|{_WHOLE})", re.IGNORECASE)
# Names that only look like one: they say something of a secret, and do not hold it.
_HARMLESS_NAME = re.compile(
    r".*(?:_at|_type|_url|_expires|_lifetime|_minutes|_days)", re.IGNORECASE
)

# Bounded, so that no text, however long, takes long.
_NAME = rf"\b(?:[\w.-]{{0,40}}?(?:{_PARTS})[\w.-]{{0,40}}|(?:{_WHOLE}))"
_PATTERNS = [
    # "password": "…", 'code': 1234, as JSON and Python write them
    (
        re.compile(
            rf"""(["']){_NAME}\1\s*:\s*(?:b?"(?:[^"\\]|\\.)*"|b?'(?:[^'\\]|\\.)*'|[^\s,}}\]]+)""",
            re.IGNORECASE,
        ),
        lambda match: f"{match.group().partition(':')[0]}: {REDACTED}",
    ),
    # Authorization: Bearer …, password: …
    (
        re.compile(
            r"\b((?:proxy-)?authorization|(?:set-)?cookie)\s*[:=]\s*[^\r\n]+", re.IGNORECASE
        ),
        lambda match: f"{match.group(1)}: {REDACTED}",
    ),
    (
        re.compile(r"\b(password|passwd|secret)\s*:\s*[^\s,;&]+", re.IGNORECASE),
        lambda match: f"{match.group(1)}: {REDACTED}",
    ),
    # token=…, in the query of an address as in the arguments of a call
    (
        re.compile(rf"""({_NAME})=(?:b?"[^"]*"|b?'[^']*'|[^\s,;&)"'<>]+)""", re.IGNORECASE),
        lambda match: f"{match.group(1)}={REDACTED}",
    ),
    (re.compile(r"\bBearer\s+[\w.~+/=-]{8,}", re.IGNORECASE), lambda _match: f"Bearer {REDACTED}"),
    # A JSON web token, wherever it stands
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*"), lambda _match: REDACTED),
    # postgres://user:password@host, unless somebody has starred the password out already
    (
        re.compile(r"(://[^:/@\s]*):(?!\*+@)[^@/\s]+@"),
        lambda match: f"{match.group(1)}:{REDACTED}@",
    ),
]
_GROUP = r"[\da-f]{1,4}"
_ADDRESSES = [
    (re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"), "[e-mail address]"),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b"), "[address]"),
    # IPv6: in full, shortened at its beginning, shortened elsewhere
    (re.compile(rf"(?<![\w:])(?:{_GROUP}:){{7}}{_GROUP}\b", re.IGNORECASE), "[address]"),
    (re.compile(rf"(?<![\w:])::(?:{_GROUP}:?){{1,7}}", re.IGNORECASE), "[address]"),
    (
        re.compile(rf"(?<![\w:])(?:{_GROUP}:){{1,6}}:(?:{_GROUP}:?){{0,6}}", re.IGNORECASE),
        "[address]",
    ),
]


def is_secret_name(name: str) -> bool:
    """Say whether what goes by this name is a secret.

    :param name: the name of a field, variable or header.
    :returns: whether its value may not be shown.

    .. testcode::

        from apps.core.redaction import is_secret_name

        for name in ("new_password", "Authorization", "code", "status_code", "token_type"):
            print(name, is_secret_name(name))

    .. testoutput::

        new_password True
        Authorization True
        code True
        status_code False
        token_type False
    """
    return bool(_SECRET_NAME.fullmatch(name)) and not _HARMLESS_NAME.fullmatch(name)


def redact_text(text: str) -> str:
    """Replace the secrets in a text.

    :param text: any text.
    :returns: the text without what its wording gives away as secret.

    .. testcode::

        from apps.core.redaction import redact_text

        print(redact_text("GET /files/a?page=2&token=abc answered 200"))
        print(redact_text("no answer from redis://:hunter2@cache:6379/0"))

    .. testoutput::

        GET /files/a?page=2&token=[redacted] answered 200
        no answer from redis://:[redacted]@cache:6379/0
    """
    for pattern, replace in _PATTERNS:
        text = pattern.sub(replace, text)
    return text


def redact_people(text: str) -> str:
    """Replace the secrets in a text, and what says who somebody is.

    :param text: any text.
    :returns: the text without secrets, e-mail addresses and addresses of networks.

    .. testcode::

        from apps.core.redaction import redact_people

        print(redact_people("ada@example.org logged in from 192.0.2.7"))

    .. testoutput::

        [e-mail address] logged in from [address]
    """
    text = redact_text(text)
    for pattern, replacement in _ADDRESSES:
        text = pattern.sub(replacement, text)
    return text


def redact_value(value: Any, redact: Any = redact_text) -> Any:
    """Replace the secrets in a value, however deep they lie.

    :param value: texts, numbers, mappings and sequences in any mixture.
    :param redact: what is done to each text.
    :returns: a copy without secrets; values of other types as they are.

    .. testcode::

        from apps.core.redaction import redact_value

        print(redact_value({"user": 7, "headers": [{"Cookie": "a=b"}]}))

    .. testoutput::

        {'user': 7, 'headers': [{'Cookie': '[redacted]'}]}
    """
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {
            key: REDACTED
            if isinstance(key, str) and is_secret_name(key) and inner not in (None, "")
            else redact_value(inner, redact)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [redact_value(inner, redact) for inner in value]
    return value
