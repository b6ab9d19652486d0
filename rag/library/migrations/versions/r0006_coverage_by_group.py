"""The index that coverage is counted from names assets too, so that groups are looked up without reading their rows."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.drop_index("ix_assets_coverage", "assets")
    counted = ["library", "state", "moderation", "restricted", "visual_count", "asset_id"]
    op.create_index("ix_assets_coverage", "assets", counted)
