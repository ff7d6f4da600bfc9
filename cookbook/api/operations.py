"""Operations of an OpenAPI schema, put into the form in which a page shows them."""

import copy
from typing import Any

JSON, FORM = "application/json", "multipart/form-data"
LOGIN = "Needs an access token."
DONE = "It was done."
SENT_AS_FORM = f"The request is sent as `{FORM}`."


def choose_operations(schema: dict[str, Any], prefix: str) -> dict[str, Any]:
    """Return a schema with the paths that begin with a prefix, each operation ready to be shown.

    :param schema: what drf-spectacular makes; it is left as it is.
    :param prefix: the beginning of the paths, for example ``/api/v1/accounts/``.
    """
    chosen = {path: copy.deepcopy(one) for path, one in schema["paths"].items() if path.startswith(prefix)}
    for operations in chosen.values():
        for operation in operations.values():
            _prepare(operation)
    return {**schema, "paths": chosen}


def _prepare(operation: dict[str, Any]) -> None:
    sentences = [operation.get("description", "")]
    # An empty requirement beside others means that nobody has to log in.
    if operation.get("security") and {} not in operation["security"]:
        sentences.append(LOGIN)
    # All operations fail in one format, which the page describes once; and no status code is called "default".
    operation["responses"].pop("default", None)
    for answer in operation["responses"].values():
        answer["description"] = answer.get("description") or DONE
    content = operation.get("requestBody", {}).get("content", {})
    if FORM in content and JSON not in content:
        # Fields are shown of JSON alone.
        content[JSON] = content.pop(FORM)
        sentences.append(SENT_AS_FORM)
    operation["description"] = "\n\n".join(filter(None, sentences))
