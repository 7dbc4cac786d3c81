"""The content of several codes and sources, combined: complete exports, and each account once."""

from collections.abc import Sequence
from dataclasses import replace

from tokenctl.enrol.enrolment import Enrolment
from tokenctl.errors import BadEnrolment, IncompleteExport
from tokenctl.language import _, plural


def put_together(enrolments: Sequence[Enrolment], incomplete: bool) -> list[Enrolment]:
    """Return the enrolments, with Google's exports complete and in order, without repeats.

    Raises IncompleteExport, unless `incomplete` allows a part; BadEnrolment.
    """
    return once_each(whole(enrolments, incomplete))


def whole(enrolments: Sequence[Enrolment], incomplete: bool) -> list[Enrolment]:
    """Return the enrolments with each export's codes in order, and repeated codes once.

    Raises IncompleteExport when codes of an export are missing, unless
    `incomplete` allows it; BadEnrolment when two codes say they are the same one.
    """
    exports: dict[tuple[int | None, int], list[dict[int, list[Enrolment]]]] = {}
    found: list[Enrolment] = []
    for run in _runs(enrolments):
        part = run[0].export
        if part is None:
            found += run
            continue
        batch = None if part.size == 1 else part.batch  # one of 1 is whole, whatever its batch
        _take(exports.setdefault((batch, part.size), []), batch, part.index, run)
    for (_batch, size), groups in exports.items():
        for codes in groups:
            missing = [index + 1 for index in range(size) if index not in codes]
            if missing and not incomplete:
                raise IncompleteExport(_missing(missing, size))
            found += [each for index in sorted(codes) for each in codes[index]]
    return found


def _take(
    groups: list[dict[int, list[Enrolment]]], batch: int | None, index: int, run: list[Enrolment]
) -> None:
    """Add a code to the export with its batch and size: there is only one, if it has a batch.

    Without a batch, two codes that claim the same place belong to two exports.
    """
    for codes in groups:
        if index in codes and _records(codes[index]) == _records(run):
            codes[index] = _merged(codes[index], run)
            return
    for codes in groups:
        if index not in codes:
            codes[index] = run
            return
    if groups and batch is not None:
        raise BadEnrolment("uri", _("two different codes claim the same place in an export"))
    groups.append({index: run})


def _runs(enrolments: Sequence[Enrolment]) -> list[list[Enrolment]]:
    """Return the enrolments grouped by the code that they came from."""
    runs: list[list[Enrolment]] = []
    for each in enrolments:
        if runs and each.export is not None and each.export is runs[-1][0].export:
            runs[-1].append(each)
        else:
            runs.append([each])
    return runs


def _merged(first: list[Enrolment], second: list[Enrolment]) -> list[Enrolment]:
    return [
        replace(
            each,
            origins=tuple(dict.fromkeys(each.origins + other.origins)),
            lists=tuple(dict.fromkeys(each.lists + other.lists)),
            mixed=tuple(dict.fromkeys(each.mixed + other.mixed)),
        )
        for each, other in zip(first, second, strict=True)
    ]


def _records(enrolments: list[Enrolment]) -> list[bytes]:
    return [each.account.to_record() for each in enrolments]


def _missing(missing: list[int], size: int) -> str:
    numbers = ", ".join(str(each) for each in missing[:20]) + (", ..." if missing[20:] else "")
    return plural(
        "the Google Authenticator export has {size} codes, and code {numbers} is missing",
        "the Google Authenticator export has {size} codes, and codes {numbers} are missing",
        len(missing),
    ).format(size=size, numbers=numbers)


def once_each(enrolments: Sequence[Enrolment]) -> list[Enrolment]:
    """Return the enrolments without repeats, in the order of their first appearance.

    Two are equal if they have the same names and will always give the same codes. The files of all
    repeats become those of the first; what is of one name and not equal stays.
    """
    found: dict[bytes, Enrolment] = {}
    repeated: dict[bytes, int] = {}
    for each in enrolments:
        record = each.account.to_record()
        if record in found:
            repeated[record] = repeated.get(record, 1) + 1
            found[record] = _first_of(found[record], each)
        else:
            found[record] = each
    return [
        _warned(each, repeated[record]) if record in repeated else each
        for record, each in found.items()
    ]


def _first_of(first: Enrolment, second: Enrolment) -> Enrolment:
    return replace(
        first,
        assumptions=tuple(each for each in first.assumptions if each in second.assumptions),
        remarks=tuple(dict.fromkeys(first.remarks + second.remarks)),
        origins=tuple(dict.fromkeys(first.origins + second.origins)),
        lists=tuple(dict.fromkeys(first.lists + second.lists)),
        mixed=tuple(dict.fromkeys(first.mixed + second.mixed)),
    )


def _warned(enrolment: Enrolment, count: int) -> Enrolment:
    warning = _("it appears {count} times with identical data, and is used once").format(
        count=count
    )
    return replace(enrolment, warnings=(*enrolment.warnings, warning))
