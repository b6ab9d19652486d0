"""The generations that this process has open, and which of them it serves."""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence

from rag.encoding.adapter import split_name
from rag.encoding.canary import canary_vector, check_canary
from rag.errors import BadSettings, EncoderBroken, PictureDeskError, Retryable
from rag.indexing.schema import collection_name
from rag.model import COMING, WRITTEN, Generation, GenerationState
from rag.ports import Encoder, Services, Serving

log = logging.getLogger(__name__)

LIVE = "live"
"""The alias that points at the collection which searches read."""

LOOK_EVERY = 1.0
"""Seconds between two looks into the catalog, at the least."""

TRY_AGAIN_AFTER = 30.0
"""Seconds until a coming encoder that could not be loaded here is tried again."""


class Openings:
    """See `Services.serving`, `written` and `opened`. Safe to use from several threads.

    Args:
        first: the encoder of an installation that has none yet.
        load: an encoder by its name; called once for each that is in use.
    """

    def __init__(
        self,
        services: Services,
        first: str,
        load: Callable[[str], Encoder],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._services, self._first, self._load, self._clock = services, first, load, clock
        self._live: Serving | None = None
        self._open: dict[int, Serving] = {}
        self._encoders: dict[str, Encoder] = {}
        self._turns: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)
        self._lock = threading.Lock()
        self._looking = threading.Lock()
        self._next_look = 0.0
        self._writes = False
        self._loading: threading.Thread | None = None
        self._failed: dict[int, float] = {}

    @property
    def begun(self) -> bool:
        """Whether `serving` returns at once."""
        return self._live is not None

    @property
    def encoder_loaded(self) -> bool:
        return bool(self._encoders)

    def serving(self) -> Serving:
        live = self._live
        if live is None:
            with self._turn("first"):
                live = self._live = self._live or self._begin()
        elif self._clock() >= self._next_look:
            self.look()
            live = self._live or live
        return live

    def encoder(self) -> Encoder:
        """The live encoder; its collection stays closed, which another process may have."""
        if self._live is not None:
            return self.serving().encoder
        live = live_of(self._services.generations.every())
        return self.encoder_named(self._first) if live is None else self._encoder_of(live)

    def written(self) -> list[Serving]:
        self._writes = True
        every = [one for one in self._services.generations.every() if one.state in WRITTEN]
        if not every:
            return [self.serving()]
        found: list[Serving] = []
        for one in sorted(every, key=lambda one: (one.state is not GenerationState.LIVE, one.number)):
            try:
                found.append(self.opened(one))
            except (EncoderBroken, BadSettings) as error:
                if one.state is GenerationState.LIVE:
                    raise
                log.error("generation %d is not written to here: %s", one.number, error)
        return found

    def opened(self, generation: Generation) -> Serving:
        with self._turn(f"generation {generation.number}"):
            if (found := self._open.get(generation.number)) is not None:
                return found
            encoder = self._encoder_of(generation)
            check_canary(encoder, self._services.catalog.canary(encoder.id, canary_vector(encoder)))
            return self._kept(generation, encoder)

    def encoder_named(self, name: str) -> Encoder:
        """An encoder by its name, loaded once. Raises EncoderBroken or BadSettings."""
        found = self._encoders.get(name)
        if found is None:
            with self._turn("encoders"):  # one at a time: loading changes what the whole process logs
                found = self._encoders.get(name) or self._load(name)
                self._encoders[name] = found
        return found

    def look(self) -> None:
        """Take what became live, once it is loaded; load beside what is about to. Never waits for either."""
        if self._live is None or not self._looking.acquire(blocking=False):
            return
        try:
            self._next_look = self._clock() + LOOK_EVERY
            self._follow(self._live, self._services.generations.every())
        except Retryable as error:
            log.warning("the encoder stays what it is: %s", error)
        finally:
            self._looking.release()

    def close(self) -> None:
        """Wait for what is being loaded. Calling twice is harmless."""
        loading = self._loading
        if loading is not None:
            loading.join()

    def _begin(self) -> Serving:
        services = self._services
        live = live_of(services.generations.every())
        if live is None:
            encoder = self.encoder_named(self._first)
            name = collection_name(encoder.id)
            aliased = services.collections.live(LIVE)
            if aliased not in (None, name):  # from before generations were recorded
                raise BadSettings(
                    f"the visuals here were embedded with another encoder (collection {aliased}) than "
                    f"PICTUREDESK_ENCODER={self._first}; set that one back, then run picturedesk encoder migrate"
                )
            live = services.generations.found(self._first, encoder.id, name)
        serving = self._kept(live, self._encoder_of(live))
        self._point_at(serving)
        self._next_look = self._clock() + LOOK_EVERY
        return serving

    def _follow(self, serving: Serving, every: Sequence[Generation]) -> None:
        live = live_of(every)
        if live is None:
            return
        states = {one.number: one.state for one in every}
        if live.number == serving.number:
            for one in every:
                if one.state is GenerationState.READY:
                    self._load_beside(one)
        elif live.number in self._open:
            self._take(self._open[live.number])
        elif states.get(serving.number) is GenerationState.DROPPED:
            self._take(self.opened(live))  # the collection of the one before is about to go
        else:
            self._load_beside(live)
        self._forget(every)

    def _take(self, serving: Serving) -> None:
        self._live = serving
        log.info("searches use generation %d now: %s", serving.number, serving.encoder.id)
        self._point_at(serving)

    def _point_at(self, serving: Serving) -> None:
        if self._services.collections.live(LIVE) != serving.store.name:
            self._services.collections.point(LIVE, serving.store.name)

    def _load_beside(self, generation: Generation) -> None:
        number = generation.number
        busy = self._loading is not None and self._loading.is_alive()
        if busy or number in self._open or self._clock() < self._failed.get(number, 0.0):
            return
        self._loading = threading.Thread(target=self._try_to_open, args=(generation,), name="coming", daemon=True)
        self._loading.start()

    def _try_to_open(self, generation: Generation) -> None:
        try:
            self.opened(generation)
        except Exception as error:
            self._failed[generation.number] = self._clock() + TRY_AGAIN_AFTER
            expected = isinstance(error, PictureDeskError)
            log.error("generation %d cannot be loaded here: %s", generation.number, error, exc_info=not expected)

    def _forget(self, every: Sequence[Generation]) -> None:
        """Let go of what nobody needs here: the previous one only where it is written to."""
        kept = {GenerationState.LIVE, *COMING} | (WRITTEN if self._writes else set())
        needed = [one for one in every if one.state in kept or (self._live and one.number == self._live.number)]
        for number in set(self._open) - {one.number for one in needed}:
            del self._open[number]
        names = {name for one in needed for name in (one.encoder, split_name(one.encoder)[0])} | {self._first}
        in_use = {id(one.encoder) for one in self._open.values()}
        for name in [name for name, one in self._encoders.items() if name not in names and id(one) not in in_use]:
            del self._encoders[name]

    def _encoder_of(self, generation: Generation) -> Encoder:
        try:
            encoder = self.encoder_named(generation.encoder)
        except (EncoderBroken, BadSettings):
            if not self._is_elsewhere(generation):
                raise
            encoder = self.encoder_named(self._first)
        if encoder.id != generation.encoder_id:
            raise EncoderBroken(
                f"{generation.encoder} is not what it was: its id is {encoder.id}, and the visuals here were embedded "
                f"with {generation.encoder_id}; bring its weights back, or migrate to another encoder"
            )
        return encoder

    def _is_elsewhere(self, generation: Generation) -> bool:
        """Whether the setting names the same weights in another place: they were moved."""
        if self._first == generation.encoder:
            return False
        try:
            return self.encoder_named(self._first).id == generation.encoder_id
        except (EncoderBroken, BadSettings):
            return False

    def _kept(self, generation: Generation, encoder: Encoder) -> Serving:
        store = self._services.collections.open(generation.collection, encoder.dim)
        return self._open.setdefault(generation.number, Serving(generation.number, encoder, store))

    def _turn(self, name: str) -> threading.RLock:
        with self._lock:
            return self._turns[name]


def live_of(every: Sequence[Generation]) -> Generation | None:
    return next((one for one in every if one.state is GenerationState.LIVE), None)
