"""tokenctl provision: from a picture, a URI, standard input or the keyboard onto the token."""

import os
from typing import Any

import click

from tokenctl.cli.enrolling.options import Options, provision_options, read_options
from tokenctl.cli.global_options import global_options
from tokenctl.cli.session import Session, is_interactive
from tokenctl.pictures import HEAD, Reader, is_picture


@click.command()
@provision_options
@global_options
@click.pass_obj
def provision(session: Session, **values: Any) -> None:
    """Add accounts to the token.

    SOURCE is a picture with QR codes (PNG, JPEG, WebP, GIF, BMP, TIFF, PDF), a
    text file with one otpauth URI per line (and # comments), a folder of these, or
    - to read either from standard input. An otpauth:// URI works too, but stays in
    the shell's history. --screen and --clipboard read what is there, --camera what
    is held in front of one.
    The codes of a Google Authenticator export may come in any order, and export
    files of other apps are recognised by their content. Without any of these,
    tokenctl asks for issuer, account and secret; with --static, it asks for an app
    password, or another short text, instead of the secret.

    At a terminal, a table shows what would be added; you select, rename and edit.
    The token shows what will be added and waits for its button, once for all of it.
    Its key check values are then compared with those of the secrets: what is
    reported as added is on the token exactly as it was sent. If an import is
    interrupted, run the same command again: it adds the rest. After adding a single
    account, you can have the code that the site asks for shown here.

    With --keep FILE, the accounts are also kept on the computer, encrypted, in a
    file that Aegis on a phone can read: whoever has the file and its passphrase has
    the accounts. With --also TOKEN, they go to a second token at the same time.
    """
    options = read_options(is_interactive(), values)
    with Reader() as reader:
        if any(map(_is_picture, options.source)):
            reader.start()  # its process imports its libraries while this one does
        _provision(session, options, reader)


def _is_picture(source: str) -> bool:
    """Return whether a source is a file that begins like a picture; nothing else is read."""
    try:
        if not os.path.isfile(source):
            return False
        with open(source, "rb") as file:
            return is_picture(file.read(HEAD))
    except (OSError, ValueError):
        return False


def _provision(session: Session, options: Options, reader: Reader) -> None:
    # Imported here and below where it is needed: --dry-run needs no token.
    from tokenctl.cli.enrolling.collect import Collector
    from tokenctl.cli.enrolling.exports import Exports
    from tokenctl.cli.enrolling.remarks import warn

    output = session.output
    exports = Exports(options, output)
    collected = Collector(options, output, exports).collect(reader)
    reader.close()
    if options.diff:
        from tokenctl.cli.commands.accounts import read_all
        from tokenctl.cli.enrolling import comparing

        with session.token() as token:
            comparing.compare(
                read_all(token, output), collected.enrolments, exports.left_out, output
            )
        collected.refuse_bad()
        return
    if not options.asking:
        warn(output, collected.enrolments, refuse_guesses=not options.dry_run)
    if options.dry_run:
        from tokenctl.enrol import provisioning

        enrolments = collected.enrolments
        if not enrolments:
            from tokenctl.cli.enrolling.typing_in import typed_here

            enrolments = [typed_here(options, output)]
        provisioning.plan(enrolments, [], options.replace)
        output.enrolments(enrolments)
    else:
        from tokenctl.cli.enrolling.adding import put
        from tokenctl.cli.enrolling.cleanup import Cleanup

        written = put(session, options, collected.enrolments)
        Cleanup(options, output).after(collected, written)
    collected.refuse_bad()
    exports.refuse_bad()
