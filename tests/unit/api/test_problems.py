"""Errors as problem+json."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from rag import errors
from rag.api.problems import answer_with_problems, problem_of


def everything(root: type[errors.PictureDeskError] = errors.PictureDeskError) -> list[type[errors.PictureDeskError]]:
    return [root, *(error for child in root.__subclasses__() for error in everything(child))]


@pytest.mark.parametrize("error", everything())
def test_every_error_of_the_tree_is_a_problem_with_a_stable_type(error: type[errors.PictureDeskError]) -> None:
    problem = problem_of(error("what went wrong"), "/v1/ask")
    assert problem.type == f"urn:picturedesk:problem:{error.type}"
    assert problem.status == error.status
    assert problem.detail == "what went wrong"
    assert problem.instance == "/v1/ask"


def test_an_error_without_words_says_where_to_look() -> None:
    assert "log" in problem_of(errors.PictureDeskError(), "/").detail


def test_types_are_not_shared_between_leaves() -> None:
    leaves = [error for error in everything() if not error.__subclasses__()]
    assert len({error.type for error in leaves}) == len(leaves)


@pytest.mark.parametrize(
    ("error", "wait"),
    [
        (errors.LlmUnavailable("busy", retry_after=29.2), "30"),
        (errors.LlmUnavailable("silent"), "2"),
        (errors.StoreLocked("held"), "2"),
        (errors.ContextTooLong("too long"), None),
    ],
)
def test_how_long_to_wait_is_told_where_waiting_helps(error: errors.PictureDeskError, wait: str | None) -> None:
    app = FastAPI()
    answer_with_problems(app)

    @app.get("/fails")
    def fails() -> None:
        raise error

    answer = TestClient(app).get("/fails")
    assert answer.status_code == error.status
    assert answer.headers.get("Retry-After") == wait
