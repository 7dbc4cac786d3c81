"""From a source to enrolments, and onto the token.

pipeline       the story: read, parse, name, check   <- what others call
sources        what an argument, a file, a folder or a text holds: sheets of codes
files, in_text their bytes, and the URIs in a text
code           a text that may be an enrolment, and where it stood
not_otp        what a code is that is none
uri            from a code's text to drafts: otpauth and Google's export
apps           from another app's export to drafts
secret_text    a secret as it is typed, or stands in a URI
draft          an account as a source says it; it may lack its name
enrolment      an account that was checked
faults         what is bad, each in its place
assembly       exports whole, and each account once
provisioning   onto the token, and the proof
cleanup        the files that it came from
"""
