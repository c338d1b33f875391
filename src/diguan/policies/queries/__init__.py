"""Reads of policies, matches and entitlements. A policy is a document of a pack; a match is a run.

What a page tells of a whole county (totals, the funnel, the lists) needs the right county-wide; what it tells of one
enterprise needs the right to that enterprise.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet

from diguan.enterprises import queries as register
from diguan.enterprises.models import Enterprise
from diguan.kernel import access, packs, remember
from diguan.kernel.access import Forbidden, Scope
from diguan.kernel.access.models import Person
from diguan.kernel.access.roles import title_of
from diguan.kernel.catalogue import FactSpec
from diguan.kernel.facts import runs, store
from diguan.kernel.facts.runs import Run
from diguan.kernel.packs import SELF
from diguan.kernel.periods import Period
from diguan.kernel.rules import asking, document, leaning, scalar, standards, tree
from diguan.kernel.rules.dataset import Dataset
from diguan.kernel.rules.scalar import SubjectFacts, Verdict
from diguan.kernel.rules.totals import Totals
from diguan.kernel.rules.tree import Policy
from diguan.policies.queries import life

VIEW = "policies.view_policy"
ENTITLEMENT = "policies.view_entitlement"
EXPORT = "policies.export_match"
KIND = "match"
ENTITLED, NEAR, UNKNOWN, NOT = "entitled", "near", "unknown", "not"
OUT = "out-"
"""``out-3``: the list of those who drop out at the third clause."""
GROUPS = (ENTITLED, NEAR, UNKNOWN)
FEW = 25
"""What a run read of so many firms is kept in memory for the next page."""


# ── the library ──────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Library:
    """The policies that may be used, and what was refused and why."""

    policies: Mapping[str, Policy]
    problems: tuple[document.Problem, ...]


def library() -> Library:
    """Every policy of the packs in force; reread when a file changes."""
    return remember.while_reading("policies.library", _reread)


def own_folder() -> Path:
    """Where the installation keeps the policies it published itself: a pack behind all others, in its data folder."""
    return Path(settings.DIGUAN_DATA) / "pack" / "policies"


def _reread() -> Library:
    own = own_folder()
    folders = (*packs.files("policies"), *([own] if any(own.glob("*.yaml")) else []))
    files = tuple(sorted((str(path), path.stat().st_mtime_ns) for folder in folders for path in folder.rglob("*") if path.is_file()))
    return _library(folders, files)


@functools.lru_cache(maxsize=4)
def _library(folders: tuple[Path, ...], files: tuple[tuple[str, int], ...]) -> Library:
    policies: dict[str, Policy] = {}
    problems: list[document.Problem] = []
    for folder in folders:
        found, refused = document.load_folder(folder, packs.catalogue(), packs.codes())
        policies |= {policy.id: policy for policy in found}
        problems += refused
    for path in own_folder().glob("*.yaml"):  # what was published and can be read no more gives no way to an older text of a pack
        if path.stem in policies and policies[path.stem].path != path:
            del policies[path.stem]
    return Library(policies, tuple(problems))


# ── a policy in the run that counts now ──────────────────────────────────────
@dataclass(frozen=True)
class Standing:
    """One policy in the run pages speak from; without a run, or where the run did not know it, there are no totals."""

    policy: Policy
    run: Run | None = None
    totals: Totals | None = None

    @property
    def as_of(self) -> dt.date | None:
        return self.run.as_of if self.run else None

    @property
    def known_at(self) -> dt.datetime | None:
        return self.run.known_at if self.run else None

    @property
    def amounts_open(self) -> int:
        """How many that are or may be entitled have an amount that cannot be worked out yet."""
        return self.totals.amount_unknown + self.totals.undecided_amount_unknown if self.totals else 0

    @property
    def changed(self) -> bool:
        """Whether the text, a standard or the meaning of a fact is another than what was judged."""
        return self.run is not None and self.totals is not None and not judged_alike(self.run, self.policy)


def sees_county(person: Person) -> bool:
    """Whether the person may see policies of the whole county: an official, not an enterprise's agent."""
    return access.scope(person, VIEW) is Scope.COUNTY


def require_county(person: Person) -> None:
    """Let pass who may see policies of the whole county; an enterprise's agent may see only what is its own.

    Raises:
        Forbidden: they may not.
    """
    if not sees_county(person):
        raise Forbidden(VIEW, title_of(VIEW))


def visible_firms(person: Person, codes: Iterable[str]) -> QuerySet[Enterprise]:
    """Of the enterprises of these credit codes those whose entitlements the person may see."""
    return access.visible(register.visible_enterprises(person), person, ENTITLEMENT).filter(uscc__in=sorted(codes))


def current_run() -> Run | None:
    """The match pages speak from: the newest of the latest day, of equals the one that judged the texts of today."""
    return remember.while_reading("policies.current_run", _current)


def _current() -> Run | None:
    policies = library().policies
    return runs.current(KIND, lambda run: run.inputs["policies"].keys() == policies.keys() and all(judged_alike(run, policy) for policy in policies.values()))


def judged_alike(run: Run, policy: Policy) -> bool:
    """Whether a run judged the text of today, by the standards and the catalogue of today."""
    if run.inputs["policies"].get(policy.id) != policy.digest:
        return False
    told, meant, now = run.inputs.get("standards", {}), run.inputs["facts"], standards.digests([policy])
    if any(told.get(fact) != sha256 for fact, sha256 in now.items()):
        return False
    # Runs of before name one meaning of all facts together, which cannot be held against one policy.
    return isinstance(meant, str) or meant.get(policy.id) == _meaning(policy, tuple(sorted(now.items())), run.as_of)


@functools.lru_cache(maxsize=2048)
def _meaning(policy: Policy, _told: tuple[tuple[str, str], ...], as_of: dt.date) -> str:
    """Policies are read anew with the catalogue, and standards are named by their digests: nothing else changes it."""
    return standards.meaning(policy, packs.catalogue(), as_of)


def standings(person: Person) -> list[Standing]:
    """Every policy in use, by id, as it stands in the current run.

    Raises:
        Forbidden: the person may not see the county's.
    """
    require_county(person)
    run = current_run()
    totals = totals_of(run) if run else {}
    return [Standing(policy, run, totals.get(policy.id)) for _id, policy in sorted(library().policies.items())]


def standing(person: Person, policy_id: str) -> Standing | None:
    """One policy as it stands; None where there is none."""
    return next((found for found in standings(person) if found.policy.id == policy_id), None)


def totals_of(run: Run) -> Mapping[str, Totals]:
    """A run's totals by policy id."""
    return _totals(run.folder, run.result_sha256)


@functools.lru_cache(maxsize=16)
def _totals(folder: Path, sha256: str) -> Mapping[str, Totals]:
    lines = json.loads((folder / "run.json").read_text("utf-8"))["totals"]
    return {line["id"]: Totals(**line) for line in lines}


# ── one enterprise under one policy ──────────────────────────────────────────
@dataclass(frozen=True)
class Judged:
    """One enterprise under one policy, as a run saw it: the verdict and what it rests on."""

    policy: Policy
    facts: SubjectFacts
    verdict: Verdict
    as_of: dt.date
    own: Mapping[str, frozenset[Period]] = field(default_factory=dict)
    """By fact, the periods whose value in use the enterprise told of itself."""

    @functools.cached_property
    def self_reported(self) -> tuple[FactSpec, ...]:
        """The facts it rests on, by itself or through a standard, that nobody but the enterprise itself has told."""
        if not self.own:
            return ()
        versions = (each.on(self.as_of) for each in standards.known() if each.fact in self.policy.facts)
        rules = [self.policy, *(rule for version in versions if version for _value, rule in version.rules)]
        return tuple(dict.fromkeys(fact for rule in rules for fact in leaning.leans_on(rule, self.facts, self.own, self.as_of)))

    @property
    def group(self) -> str:
        """entitled, near (one step short), unknown (information needed) or not (not applicable)."""
        if self.verdict.status != tree.INELIGIBLE:
            return ENTITLED if self.verdict.status == tree.ELIGIBLE else UNKNOWN
        return NOT if self.missed is None else NEAR

    @functools.cached_property
    def missed(self) -> int | None:
        """The one clause that is missed by a known distance."""
        return scalar.near_miss(self.policy, self.verdict)

    @property
    def step(self) -> tuple[tree.Compare, Fraction] | None:
        """The comparison that is missed by a known distance, and what was observed; None where there is none."""
        if self.missed is None:
            return None
        condition, observed = self.policy.clauses[self.missed].condition, self.verdict.findings[self.missed].observed
        assert isinstance(condition, tree.Compare)  # only such a clause is missed by a distance
        assert isinstance(observed, Fraction)
        return condition, observed

    @property
    def far(self) -> float | None:
        """How far the missed step is, as a share of its limit, to sort by; None where no clause is missed by a distance."""
        if self.step is None:
            return None
        condition, observed = self.step
        gap, limit = scalar.gap(condition, observed, self.as_of), scalar.number(condition.values[0], self.as_of)
        return float(gap / abs(limit)) if limit else float(gap)

    @property
    def within_reach(self) -> bool:
        """Whether the missing step may still be made: a date that has passed, or a year that is over, will not change."""
        if self.step is None:
            return False
        of = self.step[0].of
        over = of.window is not None and (of.window.years < 0 or of.window.name == "previous_quarter")
        return of.type != "date" and not over

    @functools.cached_property
    def ask(self) -> list[str]:
        """The fewest facts that could settle it."""
        return asking.ask(self.policy, self.verdict, self.facts, self.as_of)

    @property
    def amount_fen(self) -> int | None:
        """What is paid, or would be if the missing step were made; None where it cannot be told."""
        if self.step is None:
            return self.verdict.amount_fen
        condition, benefit = self.step[0], self.policy.benefit
        if not isinstance(benefit, tree.Flat) and condition.of == benefit.of and condition.op in (">", ">="):
            return scalar.amount_on(benefit, scalar.number(condition.values[0], self.as_of))  # the step made is the base paid on
        return scalar.amount_fen(benefit, self.facts, self.as_of)


@dataclass(frozen=True)
class Entitlements:
    """What one enterprise has by the current run; ``known`` is False for one the run had not heard of yet."""

    run: Run | None
    known: bool
    items: tuple[Judged, ...] = ()

    def of(self, policy_id: str) -> Judged | None:
        """The answer of one policy."""
        return next((item for item in self.items if item.policy.id == policy_id), None)


def entitlements(person: Person, enterprise: Enterprise) -> Entitlements:
    """Every policy in force over one enterprise; one that may not be published yet is for officials alone.

    A policy whose text is new or has changed since the match waits for the next one: nobody is told two answers.

    Raises:
        Forbidden: the person may not see what this enterprise is entitled to.
    """
    access.require(person, ENTITLEMENT, enterprise)
    run = current_run()
    if run is None:
        return Entitlements(None, known=False)
    data = seen(run, [enterprise.uscc])
    if data.number_of(enterprise.uscc) is None:
        return Entitlements(run, known=False)
    staff, lives = sees_county(person), life.stands()
    judged = [policy for _id, policy in sorted(library().policies.items()) if judged_alike(run, policy)]
    running = [policy for policy in judged if policy.in_force(run.as_of) and (staff or shown_to_firms(policy, lives))]
    facts, own = data.subject_facts(enterprise.uscc), own_words(run, [enterprise.uscc]).get(enterprise.uscc, {})
    items = [Judged(policy, facts, scalar.judge(policy, facts, run.as_of), run.as_of, own) for policy in running]
    return Entitlements(run, known=True, items=tuple(items))


def shown_to_firms(policy: Policy, lives: Mapping[str, life.Stand] | None = None) -> bool:
    """Whether enterprises are told of a policy: it may be published, and its life does not bar it."""
    return policy.publishable and life.barred(policy, lives) is None


def own_enterprises(person: Person) -> QuerySet[Enterprise]:
    """The enterprises a 经办人 acts for; for officials none, they have the lists."""
    rows = Enterprise.objects.filter(uscc__in=sorted(access.usccs_of(person)))
    return access.visible(rows, person, ENTITLEMENT).order_by("name_key", "id")


def judge(standing: Standing, usccs: Iterable[str]) -> dict[str, Judged]:
    """These enterprises under one policy, as the run saw them; none where the text has changed since."""
    wanted = sorted(set(usccs))
    if standing.run is None or standing.changed or not wanted:
        return {}
    return dict(judge_each(standing.run, standing.policy, wanted))


def judge_each(run: Run, policy: Policy, usccs: Sequence[str]) -> Iterator[tuple[str, Judged]]:
    data, own = seen(run, usccs) if len(usccs) <= FEW else read_for(run, policy, usccs), own_words(run, usccs)
    for uscc in data.ids:
        facts = data.subject_facts(uscc)
        yield uscc, Judged(policy, facts, scalar.judge(policy, facts, run.as_of), run.as_of, own.get(uscc, {}))


def own_words(run: Run, usccs: Sequence[str]) -> Mapping[str, Mapping[str, frozenset[Period]]]:
    """What these enterprises told of themselves that the run used."""
    if not any(name.startswith(f"{SELF}/") for name in run.inputs["data"]):
        return {}
    return store.used_from(SELF, runs.told(run), packs.catalogue(), only=usccs)


def seen(run: Run, usccs: Sequence[str] | None = None) -> Dataset:
    """What the run read, of these enterprises alone or of everybody, with what standards tell on its day."""
    policies = tuple(library().policies.values())
    if usccs is None or len(usccs) > FEW:
        return _opened(run, policies, usccs)
    told = tuple(sorted(standards.digests(policies).items()))
    return (_one if len(usccs) == 1 else _few)(run, run.run_id, policies, told, tuple(sorted(usccs)))


def _opened(run: Run, policies: Sequence[Policy], usccs: Sequence[str] | None) -> Dataset:
    found = store.open_batches(runs.told(run), packs.catalogue(), only=usccs)
    return standards.for_policies(found, policies, run.as_of)


def read_for(run: Run, policy: Policy, usccs: Sequence[str] | None = None) -> Dataset:
    """What the run read of many enterprises, or of everybody, as far as one policy asks for it."""
    found = store.open_batches(runs.told(run), packs.catalogue(), only=usccs, facts=standards.read_by([policy], run.as_of))
    return standards.for_policies(found, [policy], run.as_of)


def _kept(run: Run, _run_id: str, policies: tuple[Policy, ...], _told: tuple[tuple[str, str], ...], usccs: tuple[str, ...]) -> Dataset:
    """What a run read never changes, so it is kept for the next page; the caller has asked for the rights."""
    return _opened(run, policies, usccs)


# A page asks for its one firm several times; the first firms of a policy's lists are asked for by everybody.
_one, _few = functools.lru_cache(maxsize=4)(_kept), functools.lru_cache(maxsize=16)(_kept)
