"""The same account twice, in two lists or pictures: taken once, and said."""

import dataclasses
from collections.abc import Sequence

from tokenctl.enrol.enrolment import Enrolment


def once_each(enrolments: Sequence[Enrolment]) -> list[Enrolment]:
    """Return the enrolments without the repeats of one, in the order in which they first came.

    Equal are those of the same names whose codes are the same for ever. The files of all
    repeats become those of the first; what is of one name and not equal stays.
    """
    found: dict[bytes, Enrolment] = {}
    repeated: dict[bytes, int] = {}
    for each in enrolments:
        record = each.account.to_record()
        if record in found:
            repeated[record] = repeated.get(record, 1) + 1
            found[record] = _merged(found[record], each)
        else:
            found[record] = each
    return [
        _remarked(each, repeated[record]) if record in repeated else each
        for record, each in found.items()
    ]


def _merged(first: Enrolment, second: Enrolment) -> Enrolment:
    return dataclasses.replace(
        first,
        doubts=tuple(doubt for doubt in first.doubts if doubt in second.doubts),
        remarks=tuple(dict.fromkeys(first.remarks + second.remarks)),
        origins=tuple(dict.fromkeys(first.origins + second.origins)),
        lists=tuple(dict.fromkeys(first.lists + second.lists)),
    )


def _remarked(enrolment: Enrolment, count: int) -> Enrolment:
    name = enrolment.display_issuer or enrolment.account.name
    times = "twice" if count == 2 else f"{count} times"
    remark = f"'{name}' is there {times} and every time the same: it is taken once"
    return dataclasses.replace(enrolment, remarks=(*enrolment.remarks, remark))
