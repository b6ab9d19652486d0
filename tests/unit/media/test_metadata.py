"""What files say of themselves: taken where it helps to find them, dropped where it is nobody's business."""

from __future__ import annotations

import struct
from datetime import UTC, datetime

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import IFDRational, ImageFileDirectory_v2

from rag.media.metadata.exif import camera
from rag.media.metadata.films import film_metadata
from rag.media.metadata.iptc import iptc_metadata
from rag.media.metadata.text import clean, moment
from rag.media.metadata.xmp import xmp_metadata
from rag.media.visuals import LONGEST_TEXT
from tests.unit.media.pictures import corner_picture, encoded
from tests.unit.media.reading import metadata, only

DESCRIPTION, MAKE, MODEL, ARTIST, COPYRIGHT = 0x010E, 0x010F, 0x0110, 0x013B, 0x8298
WITH_XMP = ("JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF")


def exif(
    *, details: dict[int, object] | None = None, gps: dict[int, object] | None = None, **tags: str | bytes
) -> bytes:
    """EXIF with tags by the names above."""
    found = Image.Exif()
    for name, value in tags.items():
        found[globals()[name.upper()]] = value
    found.get_ifd(0x8769).update(details or {})
    found.get_ifd(0x8825).update(gps or {})
    return found.tobytes()


def xmp(body: str) -> bytes:
    spaces = " ".join(
        f'xmlns:{prefix}="{uri}"'
        for prefix, uri in {
            "dc": "http://purl.org/dc/elements/1.1/",
            "photoshop": "http://ns.adobe.com/photoshop/1.0/",
            "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
            "exif": "http://ns.adobe.com/exif/1.0/",
        }.items()
    )
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{rdf}"><rdf:Description {spaces}>'
        f"{body}</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def with_xmp(packet: bytes, kind: str) -> bytes:
    options: dict[str, object] = {"xmp": packet}
    if kind == "TIFF":
        tags = ImageFileDirectory_v2()
        tags[700] = packet
        options = {"tiffinfo": tags}
    if kind == "PNG":
        texts = PngInfo()
        texts.add_itxt("XML:com.adobe.xmp", packet.decode())
        options = {"pnginfo": texts}
    return encoded(corner_picture(), kind, **options)


def description(text: str) -> bytes:
    return xmp(f"<dc:description><rdf:Alt><rdf:li>{text}</rdf:li></rdf:Alt></dc:description>")


def iim(*datasets: tuple[int, str]) -> bytes:
    """An IPTC block of record 2."""
    parts = [(2, number, text.encode()) for number, text in datasets]
    return b"".join(struct.pack(">BBBH", 0x1C, record, number, len(text)) + text for record, number, text in parts)


def with_iptc(block: bytes) -> bytes:
    """A JPEG with the block in its Photoshop segment."""
    resource = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(block)) + block + b"\0" * (len(block) % 2)
    segment = b"Photoshop 3.0\0" + resource
    content = encoded(corner_picture())
    return content[:2] + b"\xff\xed" + struct.pack(">H", len(segment) + 2) + segment + content[2:]


@pytest.mark.parametrize("kind", WITH_XMP)
def test_a_description_in_xmp_is_a_caption_in_every_format(kind: str) -> None:
    assert metadata(with_xmp(description("Zwei Möwen"), kind)).captions == ("Zwei Möwen",)


def test_what_an_agency_writes_into_iptc() -> None:
    block = iim((120, "A red dress"), (25, "dress"), (25, "red"), (110, "Agency"), (116, "© Agency"), (80, "Ada"))
    found = metadata(with_iptc(block))
    assert (found.captions, found.keywords) == (("A red dress",), ("dress", "red"))
    assert (found.credit, found.licence, found.personal) == ("Agency", "© Agency", {})
    assert metadata(with_iptc(block), keep_personal=True).personal == {"creator": "Ada"}


def test_iptc_says_when() -> None:
    assert iptc_metadata(iim((55, "20240501"), (60, "101500+0200")), keep_personal=False).captured_at == datetime(
        2024, 5, 1, 8, 15, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "block", [b"", b"\x1c", b"\x1c\x02\x78\xff\xff", b"\x1c\x02\x78\x80\x08" + b"\xff" * 8, b"noise" * 50]
)
def test_a_broken_iptc_block_says_nothing(block: bytes) -> None:
    assert iptc_metadata(block, keep_personal=True).captions in ((), ("",))


def test_captions_of_all_kinds_are_taken_once() -> None:
    again = encoded(corner_picture(), "JPEG", exif=exif(description="The same"), xmp=description("Another"))
    assert metadata(again).captions == ("Another", "The same")
    twice = encoded(corner_picture(), "JPEG", exif=exif(description="The same"), xmp=description("The same"))
    assert metadata(twice).captions == ("The same",)


@pytest.mark.parametrize(
    "boilerplate",
    ["OLYMPUS DIGITAL CAMERA", "SONY DSC", "DCIM", "<Digimax S500 / Kenox S500>", "KODAK Digital Still Camera", " "],
)
def test_what_cameras_write_for_a_caption_is_none(boilerplate: str) -> None:
    assert metadata(encoded(corner_picture(), exif=exif(description=boilerplate))).captions == ()


def test_a_caption_of_an_ordinary_word_is_one() -> None:
    for text in ("Cat", "Samsung headquarters", "A digital camera on a table"):
        assert metadata(encoded(corner_picture(), exif=exif(description=text))).captions == (text,)


def test_when_and_with_what_a_picture_was_taken() -> None:
    details: dict[int, object] = {0x9003: "2024:05:01 10:15:00", 0x9011: "+02:00"}
    found = metadata(encoded(corner_picture(), exif=exif(make="Canon", model="Canon EOS R5", details=details)))
    assert found.captured_at == datetime(2024, 5, 1, 8, 15, tzinfo=UTC)
    assert found.camera == "Canon EOS R5"


def test_a_moment_without_a_zone_is_in_utc() -> None:
    found = metadata(encoded(corner_picture(), exif=exif(details={0x9003: "2024:05:01 10:15:00"})))
    assert found.captured_at == datetime(2024, 5, 1, 10, 15, tzinfo=UTC)


def test_exif_s_moment_comes_before_that_of_an_editor() -> None:
    edited = xmp("<photoshop:DateCreated>2020-01-01</photoshop:DateCreated>")
    content = encoded(corner_picture(), exif=exif(details={0x9003: "2024:05:01 10:15:00"}), xmp=edited)
    assert metadata(content).captured_at == datetime(2024, 5, 1, 10, 15, tzinfo=UTC)
    assert metadata(encoded(corner_picture(), xmp=edited)).captured_at == datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("text", ["0000:00:00 00:00:00", "2024:13:40 99:00:00", "yesterday", "", "1601:01:01 00:00:00"])
def test_what_is_no_moment_is_none(text: str) -> None:
    assert moment(text) is None


@pytest.mark.parametrize(
    ("make", "model", "expected"),
    [
        ("Canon", "Canon EOS R5", "Canon EOS R5"),
        ("NIKON CORPORATION", "NIKON D850", "NIKON D850"),
        ("Apple", "iPhone 15", "Apple iPhone 15"),
        ("Apple", "", "Apple"),
        ("", "iPhone 15", "iPhone 15"),
        ("", "", ""),
    ],
)
def test_the_make_is_not_repeated(make: str, model: str, expected: str) -> None:
    assert camera(make, model) == expected


def test_terms_of_use_come_before_a_copyright_notice() -> None:
    terms = xmp("<xmpRights:UsageTerms><rdf:Alt><rdf:li>CC BY 4.0</rdf:li></rdf:Alt></xmpRights:UsageTerms>")
    notice = exif(copyright="© Ada".encode())
    assert metadata(encoded(corner_picture(), exif=notice, xmp=terms)).licence == "CC BY 4.0"
    assert metadata(encoded(corner_picture(), exif=notice)).licence == "© Ada"


def test_place_person_and_serial_number_are_dropped_unless_asked_for() -> None:
    degrees = (IFDRational(52), IFDRational(30), IFDRational(5868, 100))
    gps: dict[int, object] = {1: "N", 2: degrees, 3: "W", 4: (IFDRational(13), IFDRational(22), IFDRational(3972, 100))}
    content = encoded(corner_picture(), exif=exif(artist="Ada", details={0xA431: "0042"}, gps=gps))
    assert metadata(content).personal == {}
    assert metadata(content, keep_personal=True).personal == {
        "gps": "52.51630, -13.37770",
        "creator": "Ada",
        "serial": "0042",
    }


def test_a_place_that_is_none_is_left_out() -> None:
    for value in (IFDRational(0, 0), IFDRational(999)):
        content = encoded(corner_picture(), exif=exif(gps={1: "N", 2: (value,) * 3, 3: "E", 4: (value,) * 3}))
        assert "gps" not in metadata(content, keep_personal=True).personal


def test_text_is_cleaned_and_cut() -> None:
    assert clean("a\x00b\x1b[31mc\ufeff\r\nd ") == "ab[31mc\nd"
    assert clean(b"Gr\xfc\xdfe") == "Grüße"
    assert clean("x\ud800y") == "xy"
    assert len(metadata(with_xmp(description("x" * 20_000), "PNG")).captions[0]) == LONGEST_TEXT


@pytest.mark.parametrize(
    "packet",
    [
        b"<not xml",
        b"\xff\xfe\x00",
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + description("&b;"),
        b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + description("&f;"),
        b"<?xml version='1.0' encoding='no-such-thing'?>" + description("x"),
        b" " * 2_000_000 + b"x" * 2_000_000,
    ],
)
def test_xmp_that_is_broken_or_defines_entities_says_nothing(packet: bytes) -> None:
    assert xmp_metadata(packet, keep_personal=True).captions == ()


def test_broken_metadata_breaks_no_picture() -> None:
    for broken in (b"Exif\0\0nonsense", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff"):
        assert only(encoded(corner_picture(), exif=broken)).width == 120


def test_what_a_phone_writes_into_a_film() -> None:
    fields = {
        "com.apple.quicktime.creationdate": "2024-05-01T10:15:00+0200",
        "creation_time": "2024-05-01T08:15:00.000000Z",
        "com.apple.quicktime.make": "Apple",
        "com.apple.quicktime.model": "iPhone 15",
        "com.apple.quicktime.location.ISO6709": "+52.5163+013.3777+034.0/",
    }
    found = film_metadata(fields, {}, keep_personal=True)
    assert found.captured_at == datetime(2024, 5, 1, 8, 15, tzinfo=UTC)
    assert (found.camera, found.personal) == ("Apple iPhone 15", {"gps": "52.51630, 13.37770"})
    assert film_metadata(fields, {}, keep_personal=False).personal == {}


def test_a_film_s_clock_that_was_never_set_says_nothing() -> None:
    for unset in ("1904-01-01T00:00:00.000000Z", "1970-01-01T00:00:00.000000Z"):
        assert film_metadata({"creation_time": unset}, {}, keep_personal=False).captured_at is None
