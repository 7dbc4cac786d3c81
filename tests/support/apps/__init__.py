"""The apps' side of their exports: what each app would write for given accounts.

One module an app or family. `plain(accounts)` and, where the app can, `encrypted(accounts,
password)` return the bytes of the file, with the app's own field names, order, spelling and
key derivation. Written from the apps' sources and facts about their files, by somebody who
has not read the parsers in host/tokenctl: neither side's misunderstanding tests itself.
Salts and nonces come from a seeded generator, so that a sample is the same in every run
(but for what pyzipper and python-pskc seal: they choose their own).
`registry.SAMPLES` lists all of them; `sample` says what is kept of an account, `readings` which
names are right where a file leaves a choice.
"""
