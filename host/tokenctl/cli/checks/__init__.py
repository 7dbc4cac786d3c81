"""What tokenctl doctor finds out, check by check.

`finding` says what a finding is and lists all checks; `parts` looks at what is soldered,
`timing` at the clock, `contents` at the vault and the memory, `link` at the link; `interactive`
asks somebody at the token, `computer` looks at this computer; `report` does all of a token's
in their order. Nothing here changes a token.
"""
