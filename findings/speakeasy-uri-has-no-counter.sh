#!/bin/sh
# speakeasy 2.0.0 (npm), otpauthURL of type hotp.
#
# The counter is asked for in its options and does not come out: the URI has no counter=
# whatever was given, although the key URI format requires one for HOTP. A reader has to
# refuse the code or to guess 0; whoever guesses 0 while the site starts at 5 shows codes
# that a site with no look-ahead window (speakeasy's own is 0) refuses.
#
# Output seen (2026-11-29, node 20):
#   speakeasy 2.0.0
#   otpauth://hotp/alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=ACME
#   counter in the URI: null
#   the site at counter 5 takes the code of counter 0: false
# The script ends with 1 when this is no longer so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund speakeasy@2.0.0 >/dev/null 2>&1
cat > probe.cjs <<'JS'
const speakeasy = require('speakeasy')

console.log('speakeasy', require('speakeasy/package.json').version)
const account = { secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', encoding: 'base32' }
const uri = speakeasy.otpauthURL({ ...account, label: 'alice', issuer: 'ACME', type: 'hotp', counter: 5 })
const counter = new URL(uri).searchParams.get('counter')
const token = speakeasy.hotp({ ...account, counter: 0 })
const taken = speakeasy.hotp.verify({ ...account, token, counter: 5 })
console.log(uri)
console.log('counter in the URI:', counter)
console.log('the site at counter 5 takes the code of counter 0:', taken)
process.exit(counter === null && !taken ? 0 : 1)
JS
node probe.cjs
