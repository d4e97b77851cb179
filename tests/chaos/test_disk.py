"""The disk that is cut off: what a cut leaves is what the file system promises, and no more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.disks.disk import SECTOR, Cut, Files, Kind, Operation, Variant, loaded, read_log

pytestmark = pytest.mark.unmeasured

NAMES = ("/a", "/b", "/c")


@st.composite
def histories(draw):
    """Operations that a file system can be asked for, in an order in which it can do them."""
    files, made, operations = Files(), 0, []
    for _ in range(draw(st.integers(0, 25))):
        kind = draw(st.sampled_from(Kind))
        names = sorted(files.names)
        if kind is not Kind.CREATE and kind not in {Kind.SYNC_FOLDER, Kind.MARK} and not names:
            continue
        name = draw(st.sampled_from(names)) if names else "/a"
        match kind:
            case Kind.CREATE:
                made += 1
                operation = Operation(kind=kind, name=draw(st.sampled_from(NAMES)), inode=made)
            case Kind.RENAME:
                operation = Operation(kind=kind, name=name, new_name=draw(st.sampled_from(NAMES)))
            case _:
                operation = Operation(
                    kind=kind,
                    name=name,
                    inode=files.names.get(name, 0),
                    size=draw(st.integers(0, 3000)),
                    data=draw(st.binary(max_size=1500)) if kind is Kind.WRITE else b"",
                )
        files.apply(operation)
        operations.append(operation)
    return operations


def followed(operations, image=None):
    cut = Cut(image)
    for operation in operations:
        cut.apply(operation)
    return cut


def write(inode, data, at=0):
    return Operation(kind=Kind.WRITE, inode=inode, size=at, data=data)


def create(name, inode):
    return Operation(kind=Kind.CREATE, name=name, inode=inode)


SYNC = Operation(kind=Kind.SYNC, inode=1)
SYNC_FOLDER = Operation(kind=Kind.SYNC_FOLDER, name="/")


@given(histories())
def test_a_log_reads_as_it_was_written(operations):
    text = "".join(operation.line() + "\n" for operation in operations)
    assert read_log(text) == operations
    assert read_log(text + '{"kind": "wri') == operations


@given(histories(), st.integers(0, 99))
def test_what_was_synced_whole_is_left_by_every_cut(operations, seed):
    cut = followed(operations)
    now = cut.image(Variant.PROCESS)
    for inode in range(1, len(operations) + 1):
        if any(each.kind is Kind.CREATE and each.inode == inode for each in operations):
            cut.apply(Operation(kind=Kind.SYNC, inode=inode))
    cut.apply(SYNC_FOLDER)
    assert {variant: cut.image(variant, seed) for variant in Variant} == dict.fromkeys(Variant, now)


@given(histories(), st.integers(0, 99))
def test_any_cut_leaves_a_disk_and_the_same_seed_the_same_one(operations, seed):
    cut = followed(operations)
    for variant in Variant:
        image = cut.image(variant, seed)
        assert image == cut.image(variant, seed)
        assert followed([], image).image(variant) == image


def test_a_write_that_was_not_synced_is_gone_with_the_power_and_not_with_the_process():
    cut = followed([create("/a", 1), write(1, b"old"), SYNC, SYNC_FOLDER, write(1, b"new")])
    assert cut.image(Variant.PROCESS) == {"/a": b"new"}
    assert cut.image(Variant.SYNCED) == {"/a": b"old"}


def test_a_name_waits_for_its_folder_unless_the_file_system_keeps_a_journal():
    cut = followed([create("/a", 1), write(1, b"x"), SYNC])
    assert cut.image(Variant.SYNCED) == {"/a": b"x"}
    assert cut.image(Variant.SYNCED_NAMES) == {}


def test_a_rename_over_a_file_that_was_not_synced_leaves_it_empty():
    before = [create("/a", 1), write(1, b"old"), SYNC, SYNC_FOLDER]
    rename = Operation(kind=Kind.RENAME, name="/b", new_name="/a")
    cut = followed([*before, create("/b", 2), write(2, b"new"), rename, SYNC_FOLDER])
    assert cut.image(Variant.SYNCED_NAMES) == {"/a": b""}


def test_a_torn_write_is_whole_sectors_of_either_age():
    old, new = b"o" * 4 * SECTOR, b"n" * 4 * SECTOR
    cut = followed([write(1, new)], {"/a": old})
    seen = {cut.image(Variant.TORN, seed)["/a"] for seed in range(200)}
    assert len(seen) == 2**4
    for content in seen:
        sectors = {content[at : at + SECTOR] for at in range(0, len(content), SECTOR)}
        assert sectors <= {b"o" * SECTOR, b"n" * SECTOR}


@pytest.mark.parametrize("size", [0, 2, 7])
def test_a_file_is_made_as_long_as_it_is_told(size):
    files = loaded({"/a": b"abcd"})
    files.apply(Operation(kind=Kind.TRUNCATE, inode=1, size=size))
    assert files.image() == {"/a": b"abcd\0\0\0"[:size]}
