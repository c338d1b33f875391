"""One enterprise out of a dataset, as the single-enterprise face reads it."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

from diguan.kernel.periods import Period
from diguan.kernel.rules.dataset import Dataset
from diguan.kernel.rules.scalar import Row, SubjectFacts
from diguan.kernel.rules.windows import Coverage


@functools.lru_cache(maxsize=8)
def _coverage(key: int, periods: tuple[tuple[str, tuple[Period, ...]], ...]) -> Coverage:
    return Coverage(dict(periods))


def coverage_of(coverage: Mapping[str, Sequence[Period]]) -> Coverage:
    """The dataset's coverage, whose gaps are computed once for all enterprises."""
    return _coverage(0, tuple(sorted((fact, tuple(periods)) for fact, periods in coverage.items())))


def of_dataset(dataset: Dataset, subject_id: str) -> SubjectFacts:
    """Everything the dataset says of one enterprise."""
    attributes = dataset.attributes_of(subject_id)
    rows = {fact: [Row(key.start, key.end, value if key.value else None) for key, value in series]
            for fact, series in dataset.series(subject_id).items()}
    told = frozenset(fact for fact in (*dataset.coverage, *rows)
                     if fact not in attributes and (dataset.covered_always(fact) or fact in rows))
    scales = {fact: dataset.scale(fact) for fact in {*attributes, *rows}}
    return SubjectFacts(attributes, rows, coverage_of(dataset.coverage), told, scales)
