#!/bin/sh
# Pass::OTP 1.5 for Perl (Debian 12, package libpass-otp-perl 1.5-2), parse and otp.
#
# It reads an otpauth URI and computes the code. Of three hashes only SHA-1 is right for every URI:
# algorithm=SHA256, as the key URI format writes it, is SHA-1, since only small letters are looked
# for. With small letters SHA-256 is right and SHA-512 is another wrong code:
# the HMAC is given no block size, and 64 bytes are assumed where SHA-512 has 128 (RFC 4231).
# And an issuer that only begins with "Steam" (a shop of that name) gets a Steam Guard code in
# the place of its digits. There is no warning; a token that is compared with it seems wrong.
#
# Output seen (2026-11-29), the secrets and times of RFC 6238, appendix B:
#   Pass::OTP 1.5
#   algorithm=SHA1:   94287082
#   algorithm=SHA256: 97599872 (SHA-1's: 97599872; RFC 6238: 46119246)
#   algorithm=sha256: 46119246
#   algorithm=sha512: 07255144 (RFC 6238: 90693936)
#   issuer=Steamboat: PV9M4
# The script ends with 1 when this is no longer so. It needs Debian 12's apt-get and perl;
# nothing is installed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"
needed=$(apt-get install --simulate --no-install-recommends libpass-otp-perl=1.5-2 |
    awk '/^Inst/ {print $2}')
# shellcheck disable=SC2086  # a list of names
apt-get download -q=2 ${needed:-libpass-otp-perl} 2>/dev/null
for package in ./*.deb; do dpkg -x "$package" root; done
cat > probe.pl <<'PL'
use strict;
use warnings;
use Pass::OTP qw(otp);
use Pass::OTP::URI qw(parse);

my $twenty = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";                          # RFC 6238's for SHA-1,
my $long = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA";        # SHA-256
my $longest = ("GEZDGNBVGY3TQOJQ" x 6) . "GEZDGNA";                       # and SHA-512

sub code {
    my ($secret, $more) = @_;
    return "" . otp(parse("otpauth://totp/Site:ann?secret=$secret&$more"), now => 59);
}

print "Pass::OTP 1.5\n";
my @seen = (
    code($twenty, "digits=8&algorithm=SHA1"),
    code($long, "digits=8&algorithm=SHA256"),
    code($long, "digits=8&algorithm=sha256"),
    code($longest, "digits=8&algorithm=sha512"),
    code($twenty, "issuer=Steamboat"),
);
my $sha1 = code($long, "digits=8&algorithm=SHA1");
print "algorithm=SHA1:   $seen[0]\nalgorithm=SHA256: $seen[1] (SHA-1's: $sha1; RFC 6238: 46119246)\n";
print "algorithm=sha256: $seen[2]\nalgorithm=sha512: $seen[3] (RFC 6238: 90693936)\n";
print "issuer=Steamboat: $seen[4]\n";
exit(!($seen[0] eq "94287082" && $seen[1] eq $sha1 && $seen[2] eq "46119246"
    && $seen[3] =~ /^\d{8}$/ && $seen[3] ne "90693936" && $seen[4] =~ /^[A-Z0-9]{5}$/));
PL
perl -Iroot/usr/share/perl5 probe.pl
