"""Operations are shown with what a caller has to know, and the schema stays as it was."""

import copy

from cookbook.api.operations import choose_operations

FILE = {"schema": {"type": "object"}}
SCHEMA = {
    "info": {"title": "Shop"},
    "paths": {
        "/api/files/": {
            "get": {
                "description": "List files.",
                "security": [{"jwtAuth": []}],
                "responses": {"200": {}, "default": {}},
            },
            "post": {
                "description": "Add a file.",
                "security": [{"jwtAuth": []}, {}],
                "requestBody": {"content": {"multipart/form-data": FILE}},
                "responses": {"201": {}},
            },
        },
        "/api/people/": {"get": {"responses": {"200": {}}}},
    },
}


def test_operations_below_a_path_say_who_may_and_how_to_send():
    before = copy.deepcopy(SCHEMA)
    chosen = choose_operations(SCHEMA, "/api/files/")
    assert before == SCHEMA
    assert list(chosen["paths"]) == ["/api/files/"]
    listed, added = chosen["paths"]["/api/files/"].values()
    assert listed["description"] == "List files.\n\nNeeds an access token."
    assert listed["responses"] == {"200": {"description": "It was done."}}
    assert added["description"] == "Add a file.\n\nThe request is sent as `multipart/form-data`."
    assert added["requestBody"]["content"] == {"application/json": FILE}


def test_an_operation_that_says_nothing_gets_no_words():
    [operation] = choose_operations(SCHEMA, "/api/people/")["paths"]["/api/people/"].values()
    assert operation["description"] == ""


def test_no_path_fits():
    assert choose_operations(SCHEMA, "/api/dogs/")["paths"] == {}
