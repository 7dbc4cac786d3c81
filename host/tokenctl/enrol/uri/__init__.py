"""From the text of a code to drafts of accounts.

otpauth        otpauth and steam URIs
label          the names in one
parameters     what follows them
google_export  Google Authenticator's export, several accounts a code
protobuf       the form that this is in
"""
