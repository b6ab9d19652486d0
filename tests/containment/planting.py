"""Where an attacker writes it: every place of a file that ingest reads."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw

from rag.model import Caption
from rag.sources.entry import Entry
from tests.containment.payloads import DISGUISES, KINDS, Aims, in_halves
from tests.unit.media.documents import pdf
from tests.unit.media.test_metadata import iim, xmp

STEP, LEVELS = 40, 7
PLACES_EACH = 3
"""Of the places, how many each kind in each disguise is planted in, taking turns."""


@dataclass(frozen=True)
class Injection:
    """One attack.

    Attributes:
        number: decides the colour of its picture.
        marker: stands beside the payload, to tell whether it came before the LLM.
    """

    number: int
    kind: str
    disguise: str
    place: str
    payload: str

    @property
    def marker(self) -> str:
        return f"zq{self.number:04d}"

    @property
    def text(self) -> str:
        """What stands in its place."""
        return f"A quiet lake {self.marker} {DISGUISES[self.disguise](self.payload)}"


def colour_of(number: int) -> tuple[int, int, int]:
    return number % LEVELS * STEP, number // LEVELS % LEVELS * STEP, number // LEVELS**2 % LEVELS * STEP


def number_in(picture: bytes) -> int:
    """Which injection a picture belongs to, also after it was made small."""
    with Image.open(io.BytesIO(picture)) as image:
        pixel = image.convert("RGB").getpixel((2, image.height - 3))
    assert isinstance(pixel, tuple)
    red, green, blue = (round(value / STEP) for value in pixel)
    return red + LEVELS * green + LEVELS**2 * blue


def _picture(number: int, written: str = "") -> Image.Image:
    image = Image.new("RGB", (160, 120), colour_of(number))
    if written:
        ImageDraw.Draw(image).text((4, 4), written.encode("ascii", "replace").decode(), fill="white")
    return image


def _jpeg(image: Image.Image, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90, **options)
    return out.getvalue()


def _in_caption(one: Injection) -> Entry:
    return _entry(one, captions=(Caption(one.text),))


def _in_tag(one: Injection) -> Entry:
    return _entry(one, tags=(one.text,))


def _in_source(one: Injection) -> Entry:
    return _entry(one, source=one.text)


def _in_licence(one: Injection) -> Entry:
    return _entry(one, licence=one.text)


def _in_name(one: Injection) -> Entry:
    return _entry(one, name=f"{one.text.replace('/', '∕')}.jpg")


def _in_xmp(one: Injection) -> Entry:
    said = f"<dc:description><rdf:Alt><rdf:li xml:lang='en'>{escape(one.text)}</rdf:li></rdf:Alt></dc:description>"
    return _entry(one, content=_jpeg(_picture(one.number), xmp=xmp(said)))


def _in_iptc(one: Injection) -> Entry:
    block, content = iim((120, one.text)), _jpeg(_picture(one.number))
    resource = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(block)) + block + b"\0" * (len(block) % 2)
    segment = b"Photoshop 3.0\0" + resource
    marked = content[:2] + b"\xff\xed" + struct.pack(">H", len(segment) + 2) + segment + content[2:]
    return _entry(one, content=marked)


def _in_exif(one: Injection) -> Entry:
    found = Image.Exif()
    found[0x010E] = one.text
    return _entry(one, content=_jpeg(_picture(one.number), exif=found))


def _in_user_comment(one: Injection) -> Entry:
    found = Image.Exif()
    found.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + one.text.encode("utf-16-le")
    return _entry(one, content=_jpeg(_picture(one.number), exif=found))


def _in_pdf(one: Injection) -> Entry:
    said = one.text.encode("latin-1", "replace").decode("latin-1")
    said = said.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)").replace("\n", " ")
    return _entry(one, content=pdf([said]), name=f"{one.marker}.pdf")


def _drawn(one: Injection) -> Entry:
    return _entry(one, content=_jpeg(_picture(one.number, one.text)))


PLACES: dict[str, Callable[[Injection], Entry]] = {
    "caption": _in_caption,
    "XMP description": _in_xmp,
    "IPTC caption": _in_iptc,
    "EXIF description": _in_exif,
    "EXIF user comment": _in_user_comment,
    "file name": _in_name,
    "tag": _in_tag,
    "source": _in_source,
    "licence": _in_licence,
    "text of a PDF": _in_pdf,
    "drawn into the picture": _drawn,
}


def injections(aims: Aims) -> list[Injection]:
    """Every kind in every disguise, each in three places, so that every kind is in every place."""
    places, found = list(PLACES), list[Injection]()
    for kind, payload in KINDS.items():
        turn = 0
        for disguise in DISGUISES:
            for _ in range(PLACES_EACH):
                place = places[turn % len(places)]
                found.append(Injection(len(found), kind, disguise, place, payload(aims)))
                turn += 1
    return found


def planted(one: Injection) -> Entry:
    """The file with the injection in it, tagged with its kind; one in halves has the second half as a tag."""
    if one.disguise != "in halves":
        return PLACES[one.place](one)
    first, second = in_halves(one.payload)
    half = Injection(one.number, one.kind, one.disguise, one.place, first)
    entry = PLACES[one.place](half)
    return Entry(
        entry.name, entry.read, entry.captions, (*entry.tags, second), entry.source, entry.licence, fingerprint=""
    )


def tag_of(kind: str) -> str:
    return f"kind-{list(KINDS).index(kind)}"


def _entry(
    one: Injection, *, content: bytes = b"", name: str = "", tags: tuple[str, ...] = (), **said: object
) -> Entry:
    content = content or _jpeg(_picture(one.number))
    return Entry(name or f"{one.marker}.jpg", lambda: content, tags=(*tags, tag_of(one.kind)), **said)  # type: ignore[arg-type]
