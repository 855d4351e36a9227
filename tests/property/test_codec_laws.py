"""A catalog survives being written down."""

import json

import pytest
from hypothesis import HealthCheck, given, settings

from limbeck.catalog import Catalog, Expr, Key, Sequence, Table
from limbeck.catalog.codec import VERSION, decode, dumps, encode, loads
from limbeck.errors import DraftError
from tests.property.strategies_catalog import catalogs


@given(catalogs())
@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
def test_decode_undoes_encode(catalog):
    again = decode(json.loads(json.dumps(encode(catalog))))
    assert again == catalog
    assert {
        key: repr(thing) for key, thing in again.things.items() if "frozenset" not in repr(thing)
    } == {
        key: repr(thing) for key, thing in catalog.things.items() if "frozenset" not in repr(thing)
    }
    assert loads(dumps(catalog)) == catalog
    assert dumps(Catalog.of(reversed(list(catalog)))) == dumps(catalog)


def test_owners_and_targets_come_back_as_keys():
    sequence = Sequence(Key("sequence", ("s", "q")), owner=Key("column", (None, "t", "c")))
    again = loads(dumps(Catalog.of([sequence]))).get(sequence.key)
    assert again == sequence
    assert isinstance(again.owner, Key)


def test_both_texts_of_an_expression_are_kept():
    from limbeck.catalog import Check, table_key

    table = Table(table_key("t"), checks=(Check(Expr("a>0", "(a > 0)")),))
    again = loads(dumps(Catalog.of([table]))).table("t")
    assert (again.checks[0].expr.text, again.checks[0].expr.canonical) == ("a>0", "(a > 0)")


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"version": 99}', f'{{"version": {VERSION}}}', f'{{"version": {VERSION}, "things": [{{"is": "Nobody"}}]}}']
)  # fmt: skip
def test_what_is_no_snapshot_is_refused_in_words(text):
    with pytest.raises(DraftError) as caught:
        loads(text)
    assert caught.value.hint
