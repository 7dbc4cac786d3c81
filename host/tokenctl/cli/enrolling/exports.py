"""Another app's export as a source of `tokenctl provision`: its content and what is left out."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tokenctl import pictures
from tokenctl.cli.dialog import says_yes, tell
from tokenctl.cli.enrolling.export_password import opened
from tokenctl.cli.enrolling.options import Options
from tokenctl.cli.output import Output
from tokenctl.enrol import apps, files, sources
from tokenctl.enrol.apps.faults import NoExport
from tokenctl.enrol.draft import Draft
from tokenctl.enrol.faults import Fault
from tokenctl.enrol.setup_code import NOWHERE
from tokenctl.enrol.sources import Content
from tokenctl.errors import Quit, SourceError
from tokenctl.language import _, plural

_SHOWN_MAX = 100  # entries that are left out, each on a line
_NAMED_MAX = 20  # in one sentence


class Exports:
    """The exports of one call. `refuse_bad` is called once the good entries are done."""

    def __init__(self, options: Options, output: Output) -> None:
        self._options = options
        self._output = output
        self._bad: list[str] = []
        self.left_out: list[apps.LeftOut] = []

    def drafts(self, content: Content, name: str) -> list[Draft] | None:
        """Return the content of the source called `name`, or None if it is not an export.

        Raises SourceError.
        """
        text = content.text
        data = content.data if text is None else text.encode(errors="surrogatepass")
        if not data or pictures.is_picture(data):
            return None
        with sources.at(content.source):
            return self._read(data, content.path, name) if self._is_export(data) else None

    def in_folder(self, folder: Path) -> list[Draft | Fault]:
        """Return the content of the exports in a folder, each file by itself.

        Only files that identify their app count: no password is asked for any other. Those that
        could be an encrypted export, but do not say so, are named as left out. With --format each
        file that can be of that app counts, and all are named that are read in no way.
        """
        found: list[Draft | Fault] = []
        unmarked: dict[str, list[str]] = {}
        others: list[str] = []
        for path in files.files_in(folder):
            has_own_way = sources.may_hold_some(path)  # a picture or a list
            if path.stat().st_size > apps.BYTES_MAX:
                others += [] if has_own_way else [str(path)]
                continue
            try:
                content = sources.at_path(str(path))
                if self._is_one(content.data, has_own_way):
                    found += self.drafts(content, str(path)) or ()
                elif self._options.format is None and (title := _perhaps(content.data)):
                    unmarked.setdefault(title, []).append(str(path))
                elif not has_own_way:
                    others.append(str(path))
            except NoExport as error:
                self._output.warn(_("left out: {error}").format(error=error))
            except SourceError as error:
                found.append(Fault(error))
        for title, named in unmarked.items():
            self._output.warn(_not_tried(title, named))
        if others and self._options.format is not None:
            self._output.warn(_other_files(self._options.format, others))
        return found

    def _is_one(self, data: bytes, has_own_way: bool) -> bool:
        """Return whether a file of a folder is an export of the app given, or says of which."""
        given = self._options.format
        if given is not None:
            return apps.can_be(data, given) and not (given == "uris" and has_own_way)
        return apps.is_certain(data) or apps.explained(data) is not None

    def refuse_bad(self) -> None:
        """Raise SourceError if entries were bad; the others are on the token."""
        if self._bad:
            named = ", ".join(f"'{name}'" for name in self._bad[:_NAMED_MAX])
            raise SourceError(
                _("bad entries were left out: {named}{more}").format(
                    more=_and_more(len(self._bad)), named=named
                )
            )

    def _read(self, data: bytes, path: Path | None, name: str) -> list[Draft]:
        export = opened(data, name, self._options)
        # No question where the answers would come from the source itself.
        self._report(export, self._options.asking and name != "-")
        if not export.entries:
            raise SourceError(_("none of its accounts can be put on the token"))
        favourites = sum(each.favourite for each in export.entries)
        if favourites and not self._options.diff:
            self._output.note(
                _(
                    "The app's favourites come first ({favourites}); the token marks up to 8 as "
                    "its own."
                ).format(favourites=favourites)
            )
        return _in_order(export, path)

    def _is_export(self, data: bytes) -> bool:
        if self._options.format is not None:
            return True
        names = [app.name for app in apps.recognise(data)]
        if not names and (error := apps.explained(data)) is not None:
            raise error
        can_prove = self._options.at_terminal or self._options.password_file is not None
        if not can_prove and (title := apps.unmarked(data)):
            raise SourceError(
                _(
                    "this is not a picture that can be read; if it is an encrypted export of "
                    "{title}, add its password with --password-file"
                ).format(title=title)
            )
        return bool(names) and names != ["uris"]  # which have their own way

    def _report(self, export: apps.Export, asking: bool) -> None:
        """Report what is left out; refuse an export with bad entries unless the user agrees."""
        self.left_out += export.left_out
        for each in export.left_out[:_SHOWN_MAX]:
            how = _("bad") if each.bad else _("left out")
            self._output.warn(f"{each.name}: {how}: {each.reason}")
        if more := len(export.left_out[_SHOWN_MAX:]):
            sentence = plural(
                "{more} more entry is left out", "{more} more entries are left out", more
            )
            self._output.warn(sentence.format(more=more))
        bad = [each.name for each in export.left_out if each.bad]
        if bad and not (self._options.keep_going or self._options.diff):
            _refuse_unless_agreed(export, len(bad), asking)
        self._bad += bad


def _perhaps(data: bytes) -> str | None:
    """Return the title of the app whose encrypted export this could be; a picture is none."""
    return None if pictures.is_picture(data) else apps.unmarked(data)


def _not_tried(title: str, paths: Sequence[str]) -> str:
    """Return the remark on files of a folder that only a password could identify."""
    sentence = plural(
        "left out: {named}{more}: this may be an encrypted export of {title}; to import it, give "
        "its path instead of the folder's",
        "left out: {named}{more}: these may be encrypted exports of {title}; to import them, give "
        "their paths instead of the folder's",
        len(paths),
    )
    return sentence.format(
        named=", ".join(paths[:_NAMED_MAX]), more=_and_more(len(paths)), title=title
    )


def _other_files(app: str, paths: Sequence[str]) -> str:
    """Return the remark on files of a folder that are not of the app that was given."""
    sentence = plural(
        "left out: {named}{more}: this is not in the {app} format",
        "left out: {named}{more}: these are not in the {app} format",
        len(paths),
    )
    return sentence.format(app=app, named=", ".join(paths[:_NAMED_MAX]), more=_and_more(len(paths)))


def _and_more(count: int) -> str:
    more = count - _NAMED_MAX
    return _(" and {more} more").format(more=more) if more > 0 else ""


def _refuse_unless_agreed(export: apps.Export, bad: int, asking: bool) -> None:
    good = len(export.entries)
    total = good + len(export.left_out)
    what = plural(
        "{bad} of the {total} entries is bad", "{bad} of the {total} entries are bad", bad
    ).format(bad=bad, total=total)
    if not asking or not good:
        raise SourceError(
            _("{what}, so nothing was added; --keep-going adds the good ones").format(what=what)
        )
    tell(f"{what}.")
    if not says_yes(_("Continue with the other {good}?").format(good=good)):
        raise Quit


def _in_order(export: apps.Export, path: Path | None) -> list[Draft]:
    """Return the drafts, favourites first, and on the first of them what is dropped of all."""
    drafts = sorted(export.entries, key=lambda each: not each.favourite)
    if export.in_clear and path is not None:
        is_whole = export.disposable and not export.left_out
        code = replace(NOWHERE, lists=(path,)) if is_whole else replace(NOWHERE, mixed=(path,))
        drafts = [replace(each, code=code) for each in drafts]
    if export.dropped:
        remark = _("the app's {listed} cannot be kept on the token").format(
            listed=_listed([_(each) for each in export.dropped])
        )
        drafts[0] = replace(drafts[0], remarks=(*drafts[0].remarks, remark))
    return drafts


def _listed(things: Sequence[str]) -> str:
    *first, last = things
    return _("{joined} and {last}").format(joined=", ".join(first), last=last) if first else last
