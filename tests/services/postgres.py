"""A real PostgreSQL server for tests: started from Debian's binaries, on a unix socket, in a folder of its own.

Every test gets a fresh database, copied from a migrated template. When there are no
binaries, tests skip on a laptop and fail where `CI` is set.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from rag.library.database import migrate, open_database

pytest_plugins = ("tests.services.databases",)

START_TIMEOUT_S = 30
SERVER_OPTIONS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "fsync": "off",  # what tests kill is the client; a power cut ends the tests as well
    "full_page_writes": "off",
    "max_wal_size": "256MB",
}


@dataclass
class PostgresServer:
    """A running server. `folder` holds its data, its socket and its log; `options` are its settings."""

    folder: Path
    process: subprocess.Popen[bytes]
    options: dict[str, str]

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def create_database(self, name: str, *, template: str = "template0") -> str:
        """Make a database and return its URL."""
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database, and the connections to it."""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def stop(self) -> None:
        """Stop it, cutting its connections, and remove its folder. Calling twice is harmless."""
        self._end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def restart(self) -> None:
        """Stop it in immediate mode, cutting its connections, and start it on the same data: it recovers from its log.

        Returns when it answers again.
        """
        self._end()
        self.process = _started(self.folder, self.options)
        _wait_until_ready(self)

    def _end(self) -> None:
        self.process.send_signal(signal.SIGQUIT)  # no last checkpoint: nothing else is kept
        self.process.wait(timeout=START_TIMEOUT_S)

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)


def start_postgres(folder: Path | None = None, **options: str) -> PostgresServer:
    """Start a server that dies with this process.

    Args:
        folder: empty, and open on its path to the user `postgres` when this runs as root; None for one under /tmp.
        options: server settings beside `SERVER_OPTIONS`, such as `fsync="on"`.

    Raises:
        FileNotFoundError: there are no PostgreSQL binaries.
    """
    binaries = _binaries()
    folder = folder or Path(tempfile.mkdtemp(prefix="pd-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"
    initdb = [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    subprocess.run([*_as_postgres(), *initdb], check=True, capture_output=True, cwd=folder, env=environment)
    chosen = {**SERVER_OPTIONS, **options}
    server = PostgresServer(folder, _started(folder, chosen), chosen)
    _wait_until_ready(server)
    return server


def _started(folder: Path, options: Mapping[str, str]) -> subprocess.Popen[bytes]:
    settings = [f"-c{name}={value}" for name, value in options.items()]
    command = [str(_binaries() / "postgres"), "-D", str(folder / "data"), "-k", str(folder), *settings]
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    with (folder / "log").open("ab") as log:
        return subprocess.Popen([*_as_postgres(), *command], stdout=log, stderr=log, cwd=folder, env=environment)


def _binaries() -> Path:
    """The newest installed version's folder of programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise FileNotFoundError("no PostgreSQL under /usr/lib/postgresql: apt install postgresql")
    return found[-1].parent


def _as_postgres() -> list[str]:
    """PostgreSQL refuses to run as root; and no server should outlive the tests."""
    user = ["--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *user, "--pdeathsig=QUIT"]


def _wait_until_ready(server: PostgresServer) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            psycopg.connect(host=str(server.folder), user="postgres", dbname="postgres").close()
        except psycopg.OperationalError:
            if server.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((server.folder / "log").read_text()) from None
            time.sleep(0.05)
        else:
            return


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for the whole run, with a migrated database `migrated` to copy from."""
    try:
        server = start_postgres()
    except FileNotFoundError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    try:
        engine = open_database(server.create_database("migrated"))
        migrate(engine)
        engine.dispose()
        yield server
    finally:
        server.stop()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A fresh, migrated database of this test's own."""
    yield from _own_database(postgres_server, template="migrated")


@pytest.fixture
def empty_postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A fresh database without tables."""
    yield from _own_database(postgres_server, template="template0")


def _own_database(server: PostgresServer, *, template: str) -> Iterator[str]:
    name = f"test_{time.monotonic_ns()}"
    yield server.create_database(name, template=template)
    server.drop_database(name)
