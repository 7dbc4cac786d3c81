"""From a source to enrolments, and onto the token.

pipeline       the story: read, parse, name, check   <- what others call
sources        what an argument, a file, a folder or a text holds: sheets of codes
files, in_text their bytes, and the URIs in a text
setup_code     a text that may be an enrolment, and where it was found
not_otp        what a code is if it is not an enrolment
uri            from a code's text to drafts: otpauth and Google's export
apps           from another app's export to drafts
secret_text    a secret as it is typed, or stands in a URI
draft          an account as its source describes it; the name may be missing
enrolment      an account that was checked
faults         what is wrong, each fault in its place
merging        exports whole, and each account once
provisioning   onto the token, and verification there
cleanup        the files that it came from
"""
