"""Files that are either whole or not there: Parquet batches and uploads, named by their content.

A file is written under a temporary name, flushed to the disk, renamed, and its folder flushed; only
then may a manifest row name it. A file no row names is an orphan: harmless, and found by ``orphans``.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings

from diguan.kernel.disk import flush
from diguan.kernel.factrow import SCHEMA

_CHUNK = 1024 * 1024


def folder(name: str) -> Path:
    """A folder of the data folder: ``batches``, ``files`` or ``projections``."""
    return Path(settings.DIGUAN_DATA) / name


def batch_path(sha256: str) -> Path:
    """Where the batch with this digest is."""
    return folder("batches") / sha256[:2] / f"{sha256}.parquet"


def upload_path(sha256: str) -> Path:
    """Where the upload with this digest is."""
    return folder("files") / sha256[:2] / sha256


def sha256_of(path: Path) -> str:
    """The digest of a file's content."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


@contextlib.contextmanager
def temporary(place: Path) -> Iterator[Path]:
    """A temporary name in a folder; what is left under it afterwards is removed."""
    place.mkdir(parents=True, exist_ok=True)
    path = place / f".{secrets.token_hex(8)}.tmp"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def publish(path: Path, final: Path) -> None:
    """Flush a finished file and give it its name; if the name is taken the content is already there."""
    final.parent.mkdir(parents=True, exist_ok=True)
    flush(path)
    path.replace(final)
    flush(final.parent)
    flush(final.parent.parent)


def keep_upload(content: bytes) -> str:
    """Keep a file by its content; answers with its digest."""
    digest = hashlib.sha256(content).hexdigest()
    final = upload_path(digest)
    if not final.exists():
        with temporary(folder("files")) as path:
            path.write_bytes(content)
            publish(path, final)
    return digest


KEY = ("subject", "subject_id", "fact", "period_start", "period")
"""What a fact row is told of, in the order rows are kept."""


def write_batch(rows: Iterable[dict[str, Any]]) -> str:
    """Write fact rows as one Parquet file, in key order; answers with its digest."""
    return write_table(pa.Table.from_pylist(list(rows), schema=SCHEMA))


def write_table(rows: pa.Table) -> str:
    """Write rows of :data:`SCHEMA` as one Parquet file, in key order; answers with its digest.

    Integers stay integers: the schema has no floating point, and the same rows give the same bytes.

    Raises:
        ValueError: a delivery tells one thing twice; projections rest on its not doing so.
    """
    table = rows.sort_by([(name, "ascending") for name in KEY]).combine_chunks()
    same = [pc.equal(table.column(name).slice(1), table.column(name).slice(0, max(0, len(table) - 1))) for name in KEY]
    if pc.any(functools.reduce(pc.and_, same)).as_py():
        raise ValueError("a delivery tells one thing twice")
    with temporary(folder("batches")) as path:
        pq.write_table(table, path, compression="zstd", row_group_size=65_536)
        digest = sha256_of(path)
        final = batch_path(digest)
        if final.exists() and sha256_of(final) == digest:
            return digest
        publish(path, final)
    return digest


def orphans() -> list[Path]:
    """Files in ``batches`` and ``files`` that no manifest row names: left by a killed or refused import."""
    from diguan.kernel.facts.models import Batch, Upload

    named = {str(batch_path(digest)) for digest in Batch.objects.values_list("sha256", flat=True)}
    kept = set(Upload.objects.values_list("sha256", flat=True)) | set(Batch.objects.values_list("upload_sha256", flat=True))
    named |= {str(upload_path(digest)) for digest in kept if digest}
    found = [path for name in ("batches", "files") for path in folder(name).rglob("*") if path.is_file()]
    return sorted(path for path in found if str(path) not in named)


def damaged() -> list[tuple[int, str]]:
    """Batches whose file is missing or whose content is not what the manifest says: (number, what)."""
    from diguan.kernel.facts.models import Batch

    wrong = []
    for number, digest in Batch.objects.exclude(state="staged").order_by("id").values_list("id", "sha256"):
        path = batch_path(digest)
        if not path.exists():
            wrong.append((number, "missing"))
        elif sha256_of(path) != digest:
            wrong.append((number, "changed"))
    return wrong
