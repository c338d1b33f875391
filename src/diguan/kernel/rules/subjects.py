"""One enterprise out of a dataset, as the single-enterprise face reads it."""

from __future__ import annotations

from diguan.kernel.rules.dataset import Dataset
from diguan.kernel.rules.scalar import Row, SubjectFacts


def of_dataset(dataset: Dataset, subject_id: str) -> SubjectFacts:
    """Everything the dataset says of one enterprise."""
    attributes = dataset.attributes_of(subject_id)
    rows = {fact: [Row(key.start, key.end, value if key.value else None) for key, value in series]
            for fact, series in dataset.series(subject_id).items()}
    absent = (dataset.covered_always | rows.keys()) - attributes.keys()
    return SubjectFacts(attributes, rows, dataset.known_gaps, frozenset(absent), dataset.scales)
