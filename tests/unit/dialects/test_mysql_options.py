"""Options of MySQL's tables: what counts as a difference, and how they are changed."""

from __future__ import annotations

from typing import Any

import pytest

from limbeck.catalog import Extras, Table, extras, table_key
from limbeck.dialects.mysql.table_options import paired, parse_options, partitioning, table_options


def both(have: dict[str, Any], want: dict[str, Any]) -> tuple[Extras, Extras]:
    return paired(extras(**have), extras(**want))


@pytest.mark.parametrize(
    ("have", "want"),
    [
        ({"engine": "InnoDB", "collate": "utf8mb4_bin"}, {}),
        ({"engine": "InnoDB", "collate": "utf8mb3_bin"}, {"engine": "innodb", "collate": "utf8_bin"}),
        ({}, {"row_format": "default"}),
        ({"row_format": "COMPACT"}, {"row_format": "compact"}),
        ({"partition_by": "HASH (`id`) PARTITIONS 4"}, {}),
        (
            {"partition_by": "HASH (`id`) PARTITIONS 4"},
            {"partition_by": "hash(id)", "partitions": "4"},
        ),
        (
            {"partition_by": "RANGE (`id`) (PARTITION `p` VALUES LESS THAN MAXVALUE)"},
            {"partition_by": "RANGE (id) (PARTITION p VALUES LESS THAN (MAXVALUE) ENGINE = InnoDB)"},
        ),
    ],
)  # fmt: skip
def test_nothing_differs(have: dict[str, Any], want: dict[str, Any]) -> None:
    one, other = both(have, want)
    assert one == other


@pytest.mark.parametrize(
    ("have", "want", "sql"),
    [
        ({"row_format": "COMPACT"}, {}, ["ROW_FORMAT=DEFAULT"]),
        ({"max_rows": "9"}, {"row_format": "DYNAMIC"}, ["MAX_ROWS=0, ROW_FORMAT=DYNAMIC"]),
        ({"engine": "Aria"}, {"engine": "InnoDB"}, ["ENGINE=InnoDB", "PAGE_CHECKSUM=DEFAULT"]),
        ({}, {"partition_by": "KEY ()"}, ["PARTITION BY KEY ()"]),
        ({"collate": "latin1_bin"}, {"collate": "utf8mb4_bin"},
         ["CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"]),
    ],
)  # fmt: skip
def test_what_differs_is_changed(have: dict[str, Any], want: dict[str, Any], sql: Any) -> None:
    key = table_key("a`b")
    one, other = (Table(key, (), extras=each) for each in both(have, want))
    assert list(table_options(one, other)) == [f"ALTER TABLE `a``b` {each}" for each in sql]


def test_partition_options_are_built_from_catalog_rows() -> None:
    assert parse_options("row_format=COMPACT partitioned `encrypted`=YES") == {
        "row_format": "COMPACT"
    }
    rows = [
        ["LIST", "`x`", "a", "1,2", None, None],
        ["LIST", "`x`", "b", "3", None, None],
    ]
    expected = "LIST (`x`) (PARTITION `a` VALUES IN (1,2), PARTITION `b` VALUES IN (3))"
    assert partitioning(rows) == expected
    halves = [["RANGE", "`x`", "p", "9", "KEY", "`y`"]] * 2
    expected = (
        "RANGE (`x`) SUBPARTITION BY KEY (`y`) SUBPARTITIONS 2 (PARTITION `p` VALUES LESS THAN (9))"
    )
    assert partitioning(halves) == expected
