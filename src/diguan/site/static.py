"""Static files under names that carry their hash, once they have been collected."""

from __future__ import annotations

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStatic(CompressedManifestStaticFilesStorage):
    """Hashed names after ``collectstatic``; plain names before it (tests, a fresh clone)."""

    manifest_strict = False

    def stored_name(self, name: str) -> str:
        """The hashed name if the manifest knows it, else the name itself."""
        if not self.hashed_files:
            return name
        return str(super().stored_name(name))

    def url(self, name: str | None, force: bool = False) -> Any:
        """The address of a file; never reads a file that has not been collected."""
        if not self.hashed_files and name is not None:
            return self.base_url + name if self.base_url else name
        return super().url(name, force)
