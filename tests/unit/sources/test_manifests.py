"""Manifests: every way in which people write down what they know of their pictures."""

from __future__ import annotations

import gzip
import io
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from rag.errors import BadSource
from rag.sources.entry import Entry
from rag.sources.lines import LONGEST_LINE
from tests.unit.sources.reading import by_name, captions, contents, entries_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with three pictures, and a fourth outside of it."""
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    folder = tmp_path / "feed"
    (folder / "sub").mkdir(parents=True)
    for name in ("a.jpg", "b.jpg", "sub/c.jpg"):
        (folder / name).write_bytes(name.encode())
    (folder / "out.jpg").symlink_to("../secret.jpg")
    os.mkfifo(folder / "pipe.jpg")
    return folder


def from_lines(folder: Path, *lines: str) -> list[Entry]:
    manifest = folder / "manifest.jsonl"
    manifest.write_text("\n".join(lines))
    return entries_of(manifest)


def from_table(folder: Path, columns: dict[str, object], **options: int) -> list[Entry]:
    parquet.write_table(pa.table(columns), folder / "feed.parquet", **options)
    return entries_of(folder / "feed.parquet")


def test_a_manifest_line_says_everything_about_its_file(folder: Path) -> None:
    row = {
        "path": "a.jpg",
        "caption": ["A red car", "Ein rotes Auto"],
        "tags": ["car"],
        "captured_at": "2024-05-01",
        "source": "desk",
        "licence": "CC0-1.0",
        "language": "en",
        "access_groups": ["press"],
        "something else": 1,
    }
    (entry,) = from_lines(folder, json.dumps(row))
    assert entry.read() == b"a.jpg"
    assert [(caption.text, caption.language) for caption in entry.captions] == [
        ("A red car", "en"),
        ("Ein rotes Auto", "en"),
    ]
    assert (entry.tags, entry.source, entry.licence) == (("car",), "desk", "CC0-1.0")
    assert (entry.access_groups, entry.captured_at) == (("press",), datetime(2024, 5, 1, tzinfo=UTC))
    assert entry.fingerprint


@pytest.mark.parametrize("column", ["path", "file", "filename", "file_name", "image", "image_path", "Path "])
@pytest.mark.parametrize("caption", ["caption", "text", "description", "title"])
def test_columns_may_have_the_names_that_people_give_them(folder: Path, column: str, caption: str) -> None:
    (entry,) = from_lines(folder, json.dumps({column: "sub/c.jpg", caption: "A sea", "keywords": "sea; storm"}))
    assert (entry.name, captions(entry), entry.tags) == ("sub/c.jpg", ["A sea"], ("sea", "storm"))


def test_a_broken_line_is_skipped_with_its_number_and_the_rest_goes_on(folder: Path) -> None:
    lines = (
        '{"path": "a.jpg"}',
        '{"path": "a.jpg", broken',
        '{"caption": "no path"}',
        '{"path": "a.jpg", "captured_at": "yesterday"}',
        '{"path": "a.jpg", "tags": [1]}',
        "[1]",
        "",
        "[" * 10_000,
        '{"path": "a.jpg", "width": ' + "9" * 10_000 + "}",
        '{"path": "a.jpg", "caption": "' + "x" * 20_000 + '"}',
        '{"path": "\\ud800.jpg"}',
        '{"path": "b.jpg"}',
    )
    found = contents(from_lines(folder, *lines))
    assert (found.pop("a.jpg"), found.pop("b.jpg")) == (b"a.jpg", b"b.jpg")
    assert "no such file" in str(found.pop("?.jpg"))
    assert list(found) == [f"manifest.jsonl:{number}" for number in (2, 3, 4, 5, 6, 8, 9, 10)]
    reasons = {name.rpartition(":")[2]: str(reason) for name, reason in found.items()}
    assert "no JSON" in reasons["2"]
    assert "fill in path or url" in reasons["3"]
    assert "captured_at" in reasons["4"]
    assert "tags" in reasons["5"]
    assert "no JSON object" in reasons["6"]
    assert "caption" in reasons["10"]


def test_a_line_without_an_end_is_skipped_and_not_held(folder: Path) -> None:
    found = contents(from_lines(folder, '{"path": "a.jpg"}', "x" * (3 * LONGEST_LINE), '{"path": "b.jpg"}'))
    assert list(found) == ["a.jpg", "manifest.jsonl:2", "b.jpg"]
    assert "longer than" in str(found["manifest.jsonl:2"])


@pytest.mark.parametrize(
    "path",
    ["../secret.jpg", "out.jpg", "sub/../../secret.jpg", "/etc/hostname", "pipe.jpg", "sub", "gone.jpg", "a\u0000.jpg"],
)
def test_a_path_leads_to_a_file_of_the_manifests_folder_or_nowhere(folder: Path, path: str) -> None:
    found = contents(from_lines(folder, f'{{"path": "{path}"}}', '{"path": "a.jpg"}'))
    assert isinstance(found.popitem()[1], bytes)
    (reason,) = found.values()
    assert isinstance(reason, str)


@pytest.mark.parametrize(
    "name", ["manifest.jsonl", "feed.csv", "feed.tsv", "feed.parquet", "feed.jsonl.gz", "list.txt"]
)
@pytest.mark.parametrize("content", [None, b"", b"\n\n"])
def test_a_manifest_that_is_missing_or_empty_says_so(tmp_path: Path, name: str, content: bytes | None) -> None:
    manifest = tmp_path / name
    if content is not None:
        manifest.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    with pytest.raises(BadSource, match=str(manifest)) as caught:
        entries_of(manifest)
    assert "\n" not in str(caught.value)


def test_a_gzipped_manifest_is_read_and_a_broken_one_says_so(folder: Path) -> None:
    packed = gzip.compress(b'{"path": "a.jpg"}\n' * 1_000)
    (folder / "feed.jsonl.gz").write_bytes(packed)
    assert len(entries_of(folder / "feed.jsonl.gz")) == 1_000
    (folder / "feed.jsonl.gz").write_bytes(packed[:-10])
    with pytest.raises(BadSource, match="cannot be read"):
        entries_of(folder / "feed.jsonl.gz")


CSV = """\ufeffFilename;Caption;caption;Tags;captured_at;width
a.jpg;"A red; ""car""\non a road";Ein Auto;car, road;2024-05-01T12:00:00+02:00;12
b.jpg;"[""one"", ""two""]";;"[""x, y""]";;
"""


def test_a_csv_file_is_read_as_spreadsheets_write_it(folder: Path) -> None:
    (folder / "feed.csv").write_text(CSV)
    a, b = entries_of(folder / "feed.csv")
    assert captions(a) == ['A red; "car"\non a road', "Ein Auto"]
    assert (a.tags, a.captured_at, a.read()) == (("car", "road"), datetime(2024, 5, 1, 10, tzinfo=UTC), b"a.jpg")
    assert (captions(b), b.tags, b.captured_at) == (["one", "two"], ("x, y",), None)


def test_tabs_divide_a_tsv_file(folder: Path) -> None:
    (folder / "feed.tsv").write_text("path\tcaption_1\tcaption_2\na.jpg\tA car, red\tA road\n")
    (entry,) = entries_of(folder / "feed.tsv")
    assert (captions(entry), entry.read()) == (["A car, red", "A road"], b"a.jpg")


def test_a_broken_row_is_skipped_with_its_line_and_the_rest_goes_on(folder: Path) -> None:
    rows = ["path,caption", "a.jpg,A car", "b.jpg,too,many", ",no path", "b.jpg," + "x" * 200_000, "", "sub/c.jpg"]
    (folder / "feed.csv").write_text("\n".join(rows))
    found = contents(entries_of(folder / "feed.csv"))
    assert list(found) == ["a.jpg", "feed.csv:3", "feed.csv:4", "feed.csv:5", "sub/c.jpg"]
    assert "3 cells" in str(found["feed.csv:3"])
    assert found["sub/c.jpg"] == b"sub/c.jpg"


def test_a_csv_file_without_a_header_says_what_is_missing(folder: Path) -> None:
    (folder / "feed.csv").write_text("a.jpg,A car\n")
    with pytest.raises(BadSource, match="no column path or url"):
        entries_of(folder / "feed.csv")


def test_a_parquet_file_gives_its_rows_and_their_number(folder: Path) -> None:
    columns: dict[str, object] = {
        "file_name": ["a.jpg", "b.jpg", "../secret.jpg", None],
        "caption": [["one", "two"], ["three"], [], None],
        "keywords": ["x;y", None, None, None],
        "captured_at": [datetime(2024, 5, 1, tzinfo=UTC), None, None, None],
        "embedding": [[0.0] * 8] * 4,
        "score": [float("nan")] * 4,
    }
    entries = from_table(folder, columns)
    assert [captions(entry) for entry in entries[:2]] == [["one", "two"], ["three"]]
    assert (entries[0].tags, entries[0].captured_at) == (("x", "y"), datetime(2024, 5, 1, tzinfo=UTC))
    found = contents(entries)
    assert (found["a.jpg"], found["b.jpg"]) == (b"a.jpg", b"b.jpg")
    assert "out of the manifest's folder" in str(found["../secret.jpg"])
    assert "path or url" in str(found["feed.parquet:4"])


def test_a_parquet_file_may_hold_the_pictures_themselves(folder: Path) -> None:
    held = [
        {"bytes": b"one", "path": "1.jpg"},
        {"bytes": None, "path": "a.jpg"},
        {"bytes": bytes(2_000), "path": "2.jpg"},
    ]
    found = contents(from_table(folder, {"image": held, "text": ["A", "B", "C"]}))
    assert (found["1.jpg"], found["a.jpg"]) == (b"one", b"a.jpg")
    assert "over the limit" in str(found["2.jpg"])
    found = contents(from_table(folder, {"image": [b"one"]}))
    assert found == {"feed.parquet:1": b"one"}


def test_a_broken_row_group_is_skipped_and_the_next_one_goes_on(folder: Path) -> None:
    sink = io.BytesIO()
    names = pa.array([name for name in ("a.jpg", "b.jpg", "sub/c.jpg") for _ in range(100)])
    options = {"row_group_size": 100, "use_dictionary": False, "compression": "zstd", "write_page_checksum": True}
    parquet.write_table(pa.table({"path": names}), sink, **options)
    raw = bytearray(sink.getvalue())
    middle = parquet.ParquetFile(io.BytesIO(raw)).metadata.row_group(1).column(0)
    start = middle.data_page_offset
    raw[start : start + middle.total_compressed_size] = b"\xff" * middle.total_compressed_size
    (folder / "feed.parquet").write_bytes(raw)
    entries = by_name(entries_of(folder / "feed.parquet"))
    assert list(entries) == ["a.jpg", "feed.parquet, row group 1", "sub/c.jpg"]


@pytest.mark.parametrize("content", [b"PAR1", b"not parquet at all", b"PAR1" + bytes(100) + b"PAR1"])
def test_what_is_no_parquet_says_so(folder: Path, content: bytes) -> None:
    (folder / "feed.parquet").write_bytes(content)
    with pytest.raises(BadSource, match="cannot be read as Parquet"):
        entries_of(folder / "feed.parquet")


def coco(folder: Path, **changes: object) -> Path:
    content = {
        "licenses": [{"id": 4, "name": "Attribution License", "url": "http://x.example/"}],
        "images": [
            {
                "id": 1,
                "file_name": "1.jpg",
                "license": 4,
                "date_captured": "2013-11-14 17:02:52",
                "flickr_url": "http://f",
            },
            {"id": 2, "file_name": "2.jpg"},
            {"id": 3, "file_name": "../../secret.jpg"},
            "no object",
        ],
        "annotations": [
            {"image_id": 1, "id": 7, "caption": "A man rides a wave. "},
            {"image_id": 2, "id": 8, "caption": "A cat."},
            {"image_id": 1, "id": 9, "caption": "A surfer."},
            {"image_id": 1, "id": 10, "bbox": [1, 2, 3, 4]},
        ],
        **changes,
    }
    file = folder / "annotations" / "captions_val2017.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(content))
    return file


@pytest.mark.parametrize(
    "place", ["val2017", "annotations", "annotations/images", "annotations/val2017", "images/val2017"]
)
def test_coco_captions_find_their_pictures_wherever_people_put_them(tmp_path: Path, place: str) -> None:
    file = coco(tmp_path)
    (tmp_path / place).mkdir(parents=True, exist_ok=True)
    for name in ("1.jpg", "2.jpg"):
        (tmp_path / place / name).write_bytes(name.encode())
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    entries = by_name(entries_of(file))
    first = entries["1.jpg"]
    assert captions(first) == ["A man rides a wave.", "A surfer."]
    assert (first.licence, first.source, first.read()) == ("Attribution License", "http://f", b"1.jpg")
    assert first.captured_at == datetime(2013, 11, 14, 17, 2, 52, tzinfo=UTC)
    assert captions(entries["2.jpg"]) == ["A cat."]
    found = contents(entries.values())
    assert isinstance(found["../../secret.jpg"], str)
    assert isinstance(found["captions_val2017.json: image 3"], str)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"images": 1}', "{" * 100, "[" * 100_000])
def test_what_is_no_coco_says_so(tmp_path: Path, content: str) -> None:
    (tmp_path / "captions.json").write_text(content)
    with pytest.raises(BadSource, match=r"is no (JSON|COCO)"):
        entries_of(tmp_path / "captions.json")


def embeddings(folder: Path, *, parts: int = 1, rows: int = 3, dtype: str = "float16", metadata_rows: int = 3) -> Path:
    """What clip-retrieval inference writes, with three pictures a part; the second vector has no direction."""
    made = folder / "embeddings"
    for name in ("img_emb", "text_emb", "metadata"):
        (made / name).mkdir(parents=True)
    for part in range(parts):
        vectors = np.random.default_rng(part).normal(size=(rows, 16)).astype(dtype)
        vectors[1] = np.nan if part else 0
        np.save(made / "img_emb" / f"img_emb_{part:02}.npy", vectors)
        columns = {
            "image_path": [str(folder / "pictures" / f"{part}-{n}.jpg") for n in range(metadata_rows)],
            "caption": [f"picture {part} {n}" for n in range(metadata_rows)],
            "width": list(range(metadata_rows)),
        }
        parquet.write_table(pa.table(columns), made / "metadata" / f"metadata_{part:02}.parquet")
        for n in range(rows):
            (folder / "pictures").mkdir(exist_ok=True)
            (folder / "pictures" / f"{part}-{n}.jpg").write_bytes(f"{part}-{n}".encode())
    return made


@pytest.mark.parametrize("dtype", ["float16", "float32"])
@pytest.mark.parametrize("where", ["anywhere", "given", "elsewhere"])
def test_embeddings_of_clip_retrieval_come_with_their_pictures(tmp_path: Path, dtype: str, where: str) -> None:
    made = embeddings(tmp_path, parts=12, dtype=dtype)
    pictures = {"anywhere": None, "given": tmp_path / "pictures", "elsewhere": made}[where]
    entries = entries_of(made, pictures=pictures)
    assert len(entries) == 36
    for number, entry in enumerate(entries):
        part, row = divmod(number, 3)
        assert captions(entry) == [f"picture {part} {row}"]
        if where == "elsewhere":
            assert "out of the" in str(contents([entry]).popitem()[1])
        else:
            assert entry.read() == f"{part}-{row}".encode()
        if row == 1:
            assert entry.vector is None, "a vector without a direction is made anew"
            continue
        expected = np.load(made / "img_emb" / f"img_emb_{part:02}.npy")[row].astype("float32")
        assert entry.vector is not None
        assert entry.vector.dtype == np.float32
        assert float(np.linalg.norm(entry.vector)) == pytest.approx(1)
        assert float(entry.vector @ expected / np.linalg.norm(expected)) == pytest.approx(1, abs=1e-6)


def test_vectors_and_rows_that_do_not_agree_are_refused_as_a_whole(tmp_path: Path) -> None:
    made = embeddings(tmp_path, rows=3, metadata_rows=2)
    with pytest.raises(BadSource, match=r"3 vectors and .* 2 rows"):
        entries_of(made)
    (made / "metadata" / "metadata_00.parquet").unlink()
    with pytest.raises(BadSource, match="metadata_00"):
        entries_of(made)
    (made / "img_emb" / "img_emb_00.npy").unlink()
    with pytest.raises(BadSource, match="holds no img_emb_0"):
        entries_of(made)


@pytest.mark.parametrize("vectors", [np.zeros(3), np.zeros((3, 2), dtype="int8"), np.array([{"a": 1}, 2, 3])])
def test_an_array_that_holds_no_vectors_is_refused_and_never_unpickled(tmp_path: Path, vectors: np.ndarray) -> None:
    made = embeddings(tmp_path)
    np.save(made / "img_emb" / "img_emb_00.npy", vectors, allow_pickle=True)
    with pytest.raises(BadSource, match="img_emb_00"):
        entries_of(made)
