"""The apps' side of their exports: the files that each app would write for given accounts.

There is one module per app or family. `plain(accounts)` and, if the app supports it,
`encrypted(accounts, password)` return the bytes of the file, with the app's own field names,
order, spelling and key derivation. They were written from the apps' sources and facts about their
files, independently of the parsers in host/tokenctl, so that no misunderstanding confirms itself.
Salts and nonces come from a seeded generator, so that a sample is the same in every run (except
those of pyzipper and python-pskc, which choose their own). registry.SAMPLES lists all of them;
sample.py defines what is kept of an account, readings.py which names are right where a file is
ambiguous.
"""
