#!/bin/sh
# otplib 12.0.1 (npm), totp.keyuri and hotp.keyuri.
#
# These two classes take a secret as plain text (ASCII by their options) and compute
# codes from its characters; keyuri writes the same text into secret=, which readers
# decode as Base32. Only the class `authenticator` encodes. With RFC 4226's test secret
# the QR code is refused, because of its 1, 8, 9 and 0. With a text that happens to use only
# A to Z and 2 to 7, it is taken without a word, and every code is wrong.
#
# Output seen (2026-11-29, node 20):
#   otplib 12.0.1
#   secret=12345678901234567890 in the URI: not Base32
#   secret=CORRECTHORSEBATTERYSTAPLE in the URI: Base32 of another key
#     the site expects 993661, whoever scans the URI shows 407165
# The script ends with 1 when this is no longer so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund otplib@12.0.1 >/dev/null 2>&1
cat > probe.cjs <<'JS'
const { authenticator, totp } = require('otplib')

console.log('otplib', require('otplib/package.json').version)
const epoch = 1111111109000
const secretOf = uri => new URL(uri).searchParams.get('secret')

const vector = secretOf(totp.keyuri('alice', 'ACME', '12345678901234567890'))
const refused = !/^[A-Z2-7]+$/.test(vector)
console.log(`secret=${vector} in the URI: ${refused ? 'not Base32' : 'Base32'}`)

const text = 'CORRECTHORSEBATTERYSTAPLE'
const scanned = secretOf(totp.keyuri('alice', 'ACME', text))
const site = totp.clone({ epoch }).generate(text)
const shown = authenticator.clone({ epoch }).generate(scanned)  // decodes Base32
console.log(`secret=${scanned} in the URI: ${scanned === text ? 'Base32 of another key' : 'encoded'}`)
console.log(`  the site expects ${site}, whoever scans the URI shows ${shown}`)
process.exit(refused && scanned === text && site !== shown ? 0 : 1)
JS
node probe.cjs
