"""Who asks."""

from __future__ import annotations

from dataclasses import dataclass

ALL_LIBRARIES = "*"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. Every flow takes one; rights become part of each query and filter.

    Attributes:
        libraries: names this actor may read; `{"*"}` means all.
        groups: access groups; a visual that names groups is visible only to their members.
        roles: `owner`, `editor`, `auditor`, `reader`.
    """

    id: str
    roles: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    libraries: frozenset[str] = frozenset()

    def may_read(self, library: str) -> bool:
        return ALL_LIBRARIES in self.libraries or library in self.libraries

    def has(self, *roles: str) -> bool:
        """True for the owner, and for anyone with one of `roles`."""
        return "owner" in self.roles or not self.roles.isdisjoint(roles)


LOCAL_OWNER = Actor(id="local", roles=frozenset({"owner"}), libraries=frozenset({ALL_LIBRARIES}))
"""The actor on loopback when no API keys are configured."""
