"""The table: one row for each part, and a reason wherever one is owed."""

from chaos.report import Verdict, has_failed, judged, skipped, table


def test_columns_line_up_and_a_reason_follows_the_verdict():
    rows = [
        judged("kill", "300 kills", "9 pulses", []),
        judged("prefix", "cut", "-", ["one", "two", "three"]),
        skipped("power", "root"),
    ]
    lines = table(rows).splitlines()
    assert (
        len(
            {
                line.index(word)
                for line, word in zip(lines[1:], ("ok", "FAILED", "skipped"), strict=True)
            }
        )
        == 1
    )
    assert lines[2].endswith("FAILED: one; two (and 1 more)")
    assert lines[3].endswith("skipped: needs root")


def test_a_skipped_part_fails_nothing_and_a_broken_one_does():
    assert not has_failed([skipped("power", "root"), judged("kill", "", "", [])])
    assert has_failed([judged("kill", "", "", ["lost"])])
    assert skipped("power", "root").verdict is Verdict.SKIPPED
