"""The laws of comparing, ordering and applying."""

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from limbeck.catalog import Catalog
from limbeck.diff import apply, diff, guess_renames, invert
from tests.property.strategies_catalog import catalogs, execute, nameless, renamings, settled

relaxed = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@given(catalogs())
@relaxed
def test_a_catalog_does_not_differ_from_itself(catalog):
    assert diff(catalog, catalog) == ()
    shuffled = list(catalog)
    random.Random(1).shuffle(shuffled)
    assert diff(catalog, Catalog.of(shuffled)) == ()


@given(catalogs(), catalogs())
@relaxed
def test_changes_lead_to_what_is_wanted_and_each_can_run(have, want):
    changes = diff(have, want)
    assert settled(execute(have, changes)) == settled(want)


@given(catalogs(), catalogs())
@relaxed
def test_the_inverse_leads_back_and_each_step_can_run(have, want):
    changes = diff(have, want)
    there = apply(have, changes)
    assert settled(execute(there, invert(changes), views_read_all=False)) == settled(have)


@given(st.data())
@relaxed
def test_renames_lead_to_what_is_wanted(data):
    have, want = data.draw(catalogs()), data.draw(catalogs())
    pairs = data.draw(renamings(have, want))
    changes = diff(have, want, renames=pairs)
    assert settled(execute(have, changes)) == settled(want)


@given(st.data())
@relaxed
def test_a_part_without_a_name_is_content_with_any(data):
    have, named = data.draw(catalogs()), data.draw(catalogs())
    want = data.draw(nameless(named))
    assert diff(named, want) == ()
    changes = diff(have, want)
    assert diff(apply(have, changes), want) == ()


@given(catalogs(), catalogs(), st.integers())
@relaxed
def test_the_order_of_mappings_does_not_matter(have, want, seed):
    dice = random.Random(seed)
    first, second = list(have), list(want)
    dice.shuffle(first)
    dice.shuffle(second)
    assert diff(have, want) == diff(Catalog.of(first), Catalog.of(second))


@given(catalogs(), catalogs())
@relaxed
def test_guesses_name_what_is_there_and_what_is_wanted_once(have, want):
    guesses = guess_renames(have, want)
    assert len({guess.old for guess in guesses}) == len(guesses)
    assert len({guess.new for guess in guesses}) == len(guesses)
    assert all(0 <= guess.score <= 1 for guess in guesses)
    changes = diff(have, want, renames=[(guess.old, guess.new) for guess in guesses])
    assert settled(execute(have, changes)) == settled(want)
