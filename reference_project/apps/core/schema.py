"""Adds the problem details object to the generated description of the API."""

from typing import Any

PROBLEM_SCHEMA = {
    "type": "object",
    "description": "What went wrong, as RFC 9457 describes it.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "example": "about:blank"},
        "title": {"type": "string", "example": "Not Found"},
        "status": {"type": "integer", "example": 404},
        "detail": {"type": "string", "description": "One sentence for people."},
        "code": {"type": "string", "description": "One word for programs."},
        "errors": {
            "type": "object",
            "additionalProperties": {},
            "description": "What is wrong with which field.",
        },
    },
}


def add_problem_responses(result: dict[str, Any], **_options: Any) -> dict[str, Any]:
    """Say in the schema that any answer not listed is a problem details object.

    :param result: the schema that drf-spectacular made.
    :returns: the same schema, with a ``default`` response for every operation.
    """
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
    reference = {"schema": {"$ref": "#/components/schemas/Problem"}}
    answer = {"description": "An error.", "content": {"application/problem+json": reference}}
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"].setdefault("default", answer)
    return result
