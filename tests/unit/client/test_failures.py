"""What a refused or lost request is raised as, and when it is sent again."""

from __future__ import annotations

import json

import httpx
import pytest

from rag import errors
from rag.client.failures import Patience, may_repeat, refusal

OURS = [getattr(errors, name) for name in dir(errors) if isinstance(getattr(errors, name), type)]


@pytest.mark.parametrize("error", [one for one in OURS if issubclass(one, errors.PictureDeskError)])
def test_each_error_of_the_house_comes_back_as_itself(error: type[errors.PictureDeskError]) -> None:
    problem = {
        "type": f"urn:picturedesk:problem:{error.type}",
        "status": error.status,
        "detail": "what failed, and why",
    }
    raised = refusal(error.status, json.dumps(problem).encode())
    assert type(raised) is error
    assert str(raised) == "what failed, and why"


@pytest.mark.parametrize(
    ("status", "raised"),
    [(404, errors.NotFound), (413, errors.BadRequest), (503, errors.Unavailable), (500, errors.PictureDeskError)],
)
def test_a_problem_of_a_newer_desk_is_told_by_its_status(status: int, raised: type[Exception]) -> None:
    problem = {"type": "urn:picturedesk:problem:not-yet-invented", "status": status, "detail": "x"}
    assert type(refusal(status, json.dumps(problem).encode())) is raised


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b"{}", b'"words"'])
def test_a_server_that_is_no_desk_is_an_error_that_says_so(content: bytes) -> None:
    raised = refusal(502, content)
    assert type(raised) is errors.Unavailable
    assert "502" in str(raised)


def test_the_desk_says_how_long_to_wait_and_patience_how_long_at_most() -> None:
    patience = Patience(retries=2, longest=10)
    assert patience.pause(0, "3") == 3
    assert patience.pause(1, "3600") == 10
    assert patience.pause(0) == 0.5
    assert patience.pause(2, "3") is None


def test_what_may_have_been_carried_out_is_not_sent_twice() -> None:
    lost = httpx.ReadTimeout("no answer")
    assert may_repeat(lost, reads_only=True)
    assert not may_repeat(lost, reads_only=False)
    assert may_repeat(httpx.ConnectError("refused"), reads_only=False)
    assert may_repeat(httpx.Response(503), reads_only=False)
    assert not may_repeat(httpx.Response(500), reads_only=True)
