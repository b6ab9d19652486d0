"""Opening and migrating a database."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event, inspect, text

import rag.audit.tables
import rag.library.audit_tables
from rag.errors import BadSettings, DiskFull, PictureDeskError, Unavailable
from rag.library.catalog import SqlCatalog
from rag.library.database import migrate, open_database
from rag.library.migrations import HEAD
from rag.library.tables import metadata
from rag.model import LOCAL_OWNER

MIGRATE = """
import sys
from rag.library.database import migrate, open_database
engine = open_database(sys.argv[1])
migrate(engine)
engine.dispose()
print("alembic" in sys.modules)
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("empty_postgres_url"))
    return f"sqlite:///{tmp_path}/new/folder/catalog.sqlite"


def test_migrations_and_tables_agree(engine: Engine) -> None:
    assert rag.audit.tables.events.metadata is metadata
    assert rag.library.audit_tables.audit_entries.metadata is metadata
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_database_that_is_full_says_so_and_takes_up_again_with_more_room(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/catalog.sqlite")
    migrate(engine)
    pages: dict[str, int | None] = {"most": None}

    @event.listens_for(engine, "begin")
    def limit(connection: Connection) -> None:
        now = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages['most'] or now + 10_000}")

    catalog = SqlCatalog(engine)
    catalog.create_library("before")
    pages["most"] = 1  # SQLite takes this as: no page more than there is
    names = [f"{number:03d}-" + "x" * 59 for number in range(200)]
    with pytest.raises(DiskFull, match=r"^the catalog could not be written: the disk is full; free some space$"):
        list(map(catalog.create_library, names))
    pages["most"] = None
    for name in names:
        catalog.create_library(name)
    assert set(catalog.libraries(LOCAL_OWNER)) == {"before", *names}
    engine.dispose()


def test_the_newest_migration_is_head() -> None:
    config = Config()
    config.set_main_option("script_location", "rag.library:migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_processes_that_start_together_migrate_once_and_in_silence(empty_url: str) -> None:
    command = [sys.executable, "-W", "error", "-c", MIGRATE, empty_url]
    starts = [subprocess.Popen(command, stdout=-1, stderr=-1, text=True) for _ in range(2)]
    with ThreadPoolExecutor() as pool:
        said = list(pool.map(lambda process: process.communicate(), starts))
    assert [process.returncode for process in starts] == [0, 0], said
    assert [errors for _, errors in said] == ["", ""]
    assert "True" in said[0][0] + said[1][0]


def test_a_migrated_database_is_opened_without_alembic(sqlite_url: str) -> None:
    done = subprocess.run([sys.executable, "-c", MIGRATE, sqlite_url], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_database_of_a_newer_version_is_left_alone(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(BadSettings, match="9999"):
        migrate(engine)


def test_sqlite_keeps_what_was_committed_through_a_power_cut(sqlite_url: str) -> None:
    engine = open_database(sqlite_url)
    with engine.connect() as connection:
        pragmas = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS}
    engine.dispose()
    assert pragmas == PRAGMAS


PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_opening_makes_the_folder(tmp_path: Path) -> None:
    open_database(f"sqlite:///{tmp_path}/a/b/catalog.sqlite").dispose()
    assert (tmp_path / "a/b/catalog.sqlite").exists()


def test_plain_postgresql_urls_will_do(empty_postgres_url: str) -> None:
    engine = open_database(empty_postgres_url.replace("+psycopg", ""))
    assert inspect(engine).get_table_names() == []
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "error", "words"),
    [
        ("nonsense", BadSettings, "no URL"),
        ("mysql://ann:secret@host/db", BadSettings, "mysql://"),
        ("sqlite://", BadSettings, "needs a file"),
        ("sqlite:///:memory:", BadSettings, "needs a file"),
        ("sqlite:////proc/none/catalog.sqlite", Unavailable, "cannot be made"),
        ("postgresql+psycopg://ann:secret@127.0.0.1:1/db", Unavailable, "did not answer"),
        ("postgresql+psycopg://ann:secret@127.0.0.1:port/db", BadSettings, "no URL"),
    ],
)
def test_a_url_that_cannot_work_is_told_in_one_line_without_the_password(
    url: str, error: type[PictureDeskError], words: str
) -> None:
    with pytest.raises(error, match=words) as caught:
        open_database(url)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite").write_bytes(b"something else" * 100)
    with pytest.raises(Unavailable, match="not a database"):
        open_database(f"sqlite:///{tmp_path}/x.sqlite")
