#!/bin/sh
# otplib 12.0.1 (npm), authenticator.generate and .check.
#
# Under SHA-256 and SHA-512 it repeats a secret that is short for its taste until it is
# long enough, and only then computes the HMAC. RFC 2104 pads a key with zeros, so a
# token, oathtool and every other library give another code. Short means fewer than 32
# bytes' worth of *hex digits* (16 bytes) for SHA-256 and 64 (32 bytes) for SHA-512:
# the unit is mixed up. SHA-1 is right from 10 bytes on. authenticator.generateSecret()
# makes 10 bytes, so a site that only sets { algorithm: 'sha256' } gets codes that no
# standard token can give; a 20-byte secret (RFC 4226's recommendation) fails with SHA-512.
# A secret typed as its repetition gives the site's codes, which proves the cause.
#
# Output seen (2026-11-29, node 20):
#   otplib 12.0.1
#   sha1   10 bytes  otplib 765705  RFC 6238 765705
#   sha256 10 bytes  otplib 727754  RFC 6238 092253  secret repeated 727754
#   sha256 20 bytes  otplib 247374  RFC 6238 247374
#   sha512 20 bytes  otplib 693936  RFC 6238 342147  secret repeated 693936
# The script ends with 1 when this is no longer so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund otplib@12.0.1 >/dev/null 2>&1
cat > probe.cjs <<'JS'
const crypto = require('crypto')
const { authenticator } = require('otplib')
const { keyDecoder } = require('otplib').authenticator.allOptions()

console.log('otplib', require('otplib/package.json').version)
const TIME = 59

function rfc6238 (key, algorithm) {
  const moving = Buffer.alloc(8)
  moving.writeBigUInt64BE(BigInt(Math.floor(TIME / 30)))
  const mac = crypto.createHmac(algorithm, key).update(moving).digest()
  const at = mac[mac.length - 1] & 15
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1e6).padStart(6, '0')
}

let same = true
for (const [algorithm, secret, repeats, length] of [
  ['sha1', 'MFRGGZDFMZTWQ2LK', false, 20],
  ['sha256', 'MFRGGZDFMZTWQ2LK', true, 32],
  ['sha256', 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', false, 32],
  ['sha512', 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', true, 64]
]) {
  const key = Buffer.from(keyDecoder(secret, 'hex'), 'hex')
  const theirs = authenticator.clone({ algorithm, epoch: TIME * 1000 }).generate(secret)
  const right = rfc6238(key, algorithm)
  let line = `${algorithm.padEnd(6)} ${key.length} bytes  otplib ${theirs}  RFC 6238 ${right}`
  if (repeats) {
    const repeated = Buffer.alloc(length, key)
    line += `  secret repeated ${rfc6238(repeated, algorithm)}`
    same &&= theirs !== right && theirs === rfc6238(repeated, algorithm)
  } else {
    same &&= theirs === right
  }
  console.log(line)
}
process.exit(same ? 0 : 1)
JS
node probe.cjs
