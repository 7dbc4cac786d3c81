"""The account that somebody types where there is no source."""

import sys

from tokenctl.cli.enrolling import app_password, manual
from tokenctl.cli.enrolling.options import Options
from tokenctl.cli.enrolling.remarks import warn
from tokenctl.cli.output import Output
from tokenctl.enrol.enrolment import Enrolment
from tokenctl.errors import SourceError
from tokenctl.language import _


def typed_here(options: Options, output: Output) -> Enrolment:
    """Return the account that the user types; warnings are shown here or in the review."""
    if sys.stdin is None:
        raise SourceError(_("there is no source, and no terminal to prompt at"))
    names = options.given.issuer, options.given.account
    typed = (
        app_password.ask(*names)
        if options.static
        else manual.ask(*names, options.parameters, options.encoding)
    )
    if not options.asking:
        warn(output, [typed])
    return typed
