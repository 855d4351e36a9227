"""Laws of comparing catalogs, and of ordering and applying changes."""

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from limbeck.catalog import Catalog
from limbeck.diff import apply, diff, guess_renames, invert
from tests.property.strategies_catalog import catalogs, execute, nameless, normalized, renamings

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
def test_changes_give_the_target_catalog_and_each_can_run(have, want):
    changes = diff(have, want)
    assert normalized(execute(have, changes)) == normalized(want)


@given(catalogs(), catalogs())
@relaxed
def test_inverse_changes_give_the_first_catalog_and_each_can_run(have, want):
    changes = diff(have, want)
    there = apply(have, changes)
    assert normalized(execute(there, invert(changes), views_read_all=False)) == normalized(have)


@given(st.data())
@relaxed
def test_changes_with_renames_give_the_target_catalog(data):
    have, want = data.draw(catalogs()), data.draw(catalogs())
    pairs = data.draw(renamings(have, want))
    changes = diff(have, want, renames=pairs)
    assert normalized(execute(have, changes)) == normalized(want)


@given(st.data())
@relaxed
def test_a_part_without_a_name_equals_a_part_with_any_name(data):
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
def test_guesses_contain_each_old_and_new_object_once(have, want):
    guesses = guess_renames(have, want)
    assert len({guess.old for guess in guesses}) == len(guesses)
    assert len({guess.new for guess in guesses}) == len(guesses)
    assert all(0 <= guess.score <= 1 for guess in guesses)
    changes = diff(have, want, renames=[(guess.old, guess.new) for guess in guesses])
    assert normalized(execute(have, changes)) == normalized(want)
