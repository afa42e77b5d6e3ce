#!/bin/sh
# Installs, as root on Debian, the packages whose commands the system tests use; says what is missing where it may not.
# Tests whose tools are missing are skipped, each with its reason.

missing=
while read -r command package; do
    command -v "$command" >/dev/null 2>&1 || missing="$missing $package"
done <<'END'
chromium-headless-shell chromium-headless-shell
dpkg-deb dpkg
lintian lintian
logrotate logrotate
ps procps
rsyslogd rsyslog
strip binutils
supervisord supervisor
systemd-analyze systemd
fail2ban-server fail2ban
haproxy haproxy
nginx nginx-light
ip iproute2
catatonit catatonit
docker-compose docker-compose
mmdebstrap mmdebstrap
podman podman
runc runc
promtool prometheus
javac default-jdk-headless
curl curl
nc netcat-openbsd
nft nftables
openssl openssl
plink putty-tools
script bsdutils
ssh openssh-client
faketime faketime
tmux tmux
ufw ufw
slapd slapd
ldapadd ldap-utils
gcc gcc
END
# The Debian package is built by the system's own Python, whatever runs the tests.
/usr/bin/python3 -c 'import ensurepip' >/dev/null 2>&1 || missing="$missing python3-venv"

# python-ldap, for a real directory, is compiled.
[ -e /usr/include/ldap.h ] || missing="$missing libldap2-dev libsasl2-dev"

[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing$missing..."
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086 (several packages)
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >/dev/null && exit 0
fi
echo "Missing, so some tests are skipped. On Debian: apt-get install$missing" >&2
