"""A broker inside the process, for one app alone.

kombu's `memory://` keeps its queues on a class, shared by the whole process, and
takes from them in turn. Here each app has queues of its own, and takes from the
first one as long as that holds anything, as it does on Redis.
"""

from __future__ import annotations

from collections import defaultdict
from queue import Empty
from typing import Any

from kombu.transport import memory
from kombu.transport.virtual import BrokerState
from kombu.utils.scheduling import FairCycle

POLLING_INTERVAL = 0.02
"""Seconds between two looks into the queues."""

LONGEST_WAIT = 0.1
"""Seconds after which the worker's loop looks whether it is to stop."""


class FirstQueueFirst(FairCycle):  # type: ignore[misc]
    """Looks into the queues in their order, each time from the first."""

    def get(self, callback: Any, **options: Any) -> Any:
        self.pos = 0
        return super().get(callback, **options)


class InOrderChannel(memory.Channel):  # type: ignore[misc]
    def _reset_cycle(self) -> None:
        self._cycle = FirstQueueFirst(self._get_and_deliver, self._active_queues, Empty)


class PromptTransport(memory.Transport):  # type: ignore[misc]
    def drain_events(self, connection: Any, timeout: float | None = None) -> None:
        super().drain_events(connection, timeout=LONGEST_WAIT if timeout is None else min(timeout, LONGEST_WAIT))


def private_transport() -> type[PromptTransport]:
    """A transport class whose queues nobody else sees."""
    channel = type("PrivateChannel", (InOrderChannel,), {"queues": {}, "events": defaultdict(set)})
    return type("PrivateTransport", (PromptTransport,), {"Channel": channel, "global_state": BrokerState()})
