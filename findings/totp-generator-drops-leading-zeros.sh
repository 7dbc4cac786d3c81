#!/bin/sh
# totp-generator 2.0.1 (npm), TOTP.generate with 8 and with 6 digits.
#
# RFC 4226, section 5.3, takes the truncated 31-bit number modulo 10**digits, written with its
# leading zeros. The library cuts the last digits off the number's text and pads nothing: where
# the whole number is shorter than the code (one in 215 with 8 digits, one in 21,475 with 6, nearly
# half with 10), the "code" has fewer digits. A site that compares it as
# text refuses the right code of a token, a phone or any other generator, now and then.
#
# Output seen (2026-11-29, node 20):
#   totp-generator 2.0.1
#   8 digits, time 17400: RFC 6238 says 00591651, the library 591651
#   8 digits: 10 of the first 3000 time steps have fewer digits
#   6 digits, time 308430: RFC 6238 says 092555, the library 92555
# The script ends with 1 when this is no longer so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund totp-generator@2.0.1 >/dev/null 2>&1
cat > probe.mjs <<'JS'
import crypto from 'crypto'
import { readFileSync } from 'fs'
import { TOTP } from 'totp-generator'

const key = Buffer.from('12345678901234567890') // the secret of RFC 6238, appendix B
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

function expected(step, digits) {
  const counter = Buffer.alloc(8)
  counter.writeUInt32BE(step, 4)
  const digest = crypto.createHmac('sha1', key).update(counter).digest()
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff
  return String(number % 10 ** digits).padStart(digits, '0')
}

async function differing(digits, steps, most) {
  const found = []
  for (let step = 0; step < steps && found.length < most; step++) {
    const { otp } = await TOTP.generate(secret, { digits, timestamp: step * 30000 })
    if (otp !== expected(step, digits)) found.push([step, otp])
  }
  return found
}

const { version } = JSON.parse(readFileSync('node_modules/totp-generator/package.json'))
console.log('totp-generator', version)
const say = (digits, [step, otp]) =>
  console.log(`${digits} digits, time ${step * 30}: RFC 6238 says ${expected(step, digits)}, the library ${otp}`)
const eight = await differing(8, 3000, 3000)
if (eight.length) say(8, eight[0])
console.log(`8 digits: ${eight.length} of the first 3000 time steps have fewer digits`)
const six = await differing(6, 200000, 1)
if (six.length) say(6, six[0])
process.exit(eight.length && six.length && eight.every(([, otp]) => otp.length < 8) ? 0 : 1)
JS
node probe.mjs
