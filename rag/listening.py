"""Where servers may listen: on loopback, or anywhere with keys."""

from __future__ import annotations

import errno
import ipaddress
import socket

from rag.errors import BadSettings
from rag.settings import Settings


def url_of(host: str, port: int) -> str:
    """What to type into a browser on this machine."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{name}:{port}"


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def require_keys_beyond_loopback(settings: Settings) -> None:
    """Raises BadSettings when others could reach a server that asks for no key."""
    if not settings.api_keys and not is_loopback(settings.host):
        raise BadSettings(
            f"listening on {settings.host} lets others in, and that takes keys: "
            "set PICTUREDESK_API_KEYS, or use --host 127.0.0.1"
        )


def listening_on(host: str, port: int) -> socket.socket:
    """A bound socket, so that a taken port is known before a model is loaded. Raises BadSettings."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise BadSettings(f"{host} is no address of this machine: {error.strerror or error}") from error
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(address)
        listening.listen()
    except OSError as error:
        listening.close()
        raise BadSettings(_why_not(error, host, port)) from error
    return listening


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is taken by another program; use --port"
    if error.errno == errno.EACCES:
        return f"port {port} on {host} takes more rights than you have; use --port with 1024 or more"
    return f"cannot listen on port {port} of {host}: {error.strerror or error}"
