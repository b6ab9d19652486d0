"""Many may index at the same time, or one alone."""

from __future__ import annotations

import threading

from rag.pipeline.turns import Turns


def test_many_are_inside_together() -> None:
    turns = Turns()
    meeting = threading.Barrier(3, timeout=60)

    def work() -> None:
        with turns.together():
            meeting.wait()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    with turns.together():
        meeting.wait()
    for thread in threads:
        thread.join()


def test_one_alone_waits_for_the_others_and_those_who_come_later_wait_for_it() -> None:
    turns, said = Turns(), []
    asked = threading.Event()

    def alone() -> None:
        asked.set()
        with turns.alone():
            said.append("alone")

    def later() -> None:
        with turns.together():
            said.append("later")

    with turns.together():
        first = threading.Thread(target=alone)
        first.start()
        assert asked.wait(60)
        while not turns.wanted_alone:
            pass
        second = threading.Thread(target=later)
        second.start()
        assert said == []
    first.join()
    second.join()
    assert said == ["alone", "later"]


def test_a_failure_inside_leaves_the_door_open() -> None:
    turns = Turns()
    for enter in (turns.alone, turns.together, turns.alone):
        try:
            with enter():
                raise ValueError
        except ValueError:
            pass
