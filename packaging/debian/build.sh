#!/bin/sh
# Builds build/deb/classcord_VERSION_ARCHITECTURE.deb for the Debian of this machine: its Python, and a virtual environment
# with ClassCord and the pinned libraries in /usr/lib/classcord. The network is needed here, and never when it is installed.
set -eu
umask 022
cd "$(dirname "$0")/../.."

PYTHON=${DEB_PYTHON:-/usr/bin/python3}
OUT=$PWD/build/deb
ROOT=$OUT/root
HOME_IN_PACKAGE=/usr/lib/classcord
VENV=$ROOT$HOME_IN_PACKAGE
HERE=packaging/debian
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct 2>/dev/null || date +%s)}"

for needed in dpkg-deb "$PYTHON"; do
    command -v "$needed" >/dev/null || { echo "$needed is missing: a Debian package is built on Debian" >&2; exit 1; }
done
"$PYTHON" -c 'import ensurepip, venv' 2>/dev/null ||
    { echo "Python's venv module is missing: apt-get install python3-venv" >&2; exit 1; }

echo "Building ClassCord's wheel..."
rm -rf "$ROOT" "$OUT"/*.whl
mkdir -p "$VENV"
[ -x "$OUT/tools/bin/pip" ] || "$PYTHON" -m venv "$OUT/tools"
pip() { "$OUT/tools/bin/python" -m pip --quiet --disable-pip-version-check "$@"; }
pip install -r requirements/build.txt
pip wheel --no-deps --no-build-isolation --wheel-dir "$OUT" .

echo "Installing it, and what it needs, in $HOME_IN_PACKAGE..."
"$PYTHON" -m venv --without-pip "$VENV"
pip --python "$VENV/bin/python" install --no-compile --prefer-binary -r requirements/run.txt
pip --python "$VENV/bin/python" install --no-compile --no-deps "$OUT"/*.whl
(
    cd "$VENV"
    find bin -mindepth 1 ! -name 'python*' ! -name twistd ! -name classcord -delete
    sed -i "1s|^#!.*|#!$HOME_IN_PACKAGE/bin/python|" bin/twistd bin/classcord
    printf 'home = /usr/bin\ninclude-system-site-packages = false\nversion = %s\n' \
        "$("$PYTHON" -c 'import platform; print(platform.python_version())')" >pyvenv.cfg
    rm -rf include
    find lib -path '*/twisted/*' -type d \( -name test -o -name newsfragments \) -prune -exec rm -rf {} +
    find lib -name direct_url.json -delete
    ! command -v strip >/dev/null || find lib -name '*.so' -exec strip --strip-unneeded {} +
    # What `twistd` knows of its plugins, which the server's user could not write there.
    PYTHONDONTWRITEBYTECODE=1 bin/python -c 'import twisted.plugin, twisted.plugins as p; twisted.plugin.getCache(p)'
    find lib -type d -name __pycache__ -prune -exec rm -rf {} +
    chmod -R u=rwX,go=rX lib
    chmod 644 lib/python3.*/site-packages/twisted/plugins/dropin.cache
    rm -f bin/python*
    ln -s "../../../bin/$(basename "$PYTHON")" bin/python3
    ln -s python3 bin/python
)

echo "Adding settings, units and documentation..."
install -d "$ROOT/etc/classcord/admin_keys" "$ROOT/usr/bin" "$ROOT/lib/systemd/system" "$ROOT/etc/logrotate.d" \
    "$ROOT/usr/share/doc/classcord/examples" "$ROOT/usr/share/man/man1" "$ROOT/usr/share/lintian/overrides"
sed 's|^keys = "../admin_keys"|keys = "admin_keys"|' etc/classcord.toml >"$ROOT/etc/classcord/classcord.toml"
grep -q '^keys = "admin_keys"' "$ROOT/etc/classcord/classcord.toml"
install -m 644 admin_keys/README.md "$ROOT/etc/classcord/admin_keys/"
install -m 755 $HERE/classcord.sh "$ROOT/usr/bin/classcord"
install -m 644 etc/systemd/* "$ROOT/lib/systemd/system/"
install -m 644 etc/logrotate/classcord "$ROOT/etc/logrotate.d/"
for part in filter.d action.d; do
    install -d "$ROOT/etc/fail2ban/$part"
    install -m 644 "etc/fail2ban/$part"/*.conf "$ROOT/etc/fail2ban/$part/"
done
# The jail is switched on by the administrator, in jail.d/classcord.local: fail2ban does not start without the log file.
install -d "$ROOT/etc/fail2ban/jail.d"
sed 's|^enabled = true|enabled = false|' etc/fail2ban/jail.d/classcord.local >"$ROOT/etc/fail2ban/jail.d/classcord.conf"
for example in rsyslog supervisor nftables ufw prometheus grafana; do
    [ ! -d "etc/$example" ] || cp -r "etc/$example" "$ROOT/usr/share/doc/classcord/examples/"
done
# As in the sources, so that the links from page to page lead there.
install -d "$ROOT/usr/share/doc/classcord/docs/images"
install -m 644 README.md README.fr.md CHANGELOG.md "$ROOT/usr/share/doc/classcord/"
sed -i 's|(LICENSE)|(copyright)|' "$ROOT/usr/share/doc/classcord"/README*.md
install -m 644 docs/*.md docs/protocol.schema.json "$ROOT/usr/share/doc/classcord/docs/"
install -m 644 docs/images/* "$ROOT/usr/share/doc/classcord/docs/images/"
install -m 644 $HERE/lintian-overrides "$ROOT/usr/share/lintian/overrides/classcord"
VERSION=$(sed -n 's/^__version__ = "\(.*\)"/\1/p' classcord/__init__.py | sed 's/\.\{0,1\}\(dev\|a\|b\|rc\)\([0-9]\)/~\1\2/')
printf 'classcord (%s) stable; urgency=medium\n\n  * What has changed is told in CHANGELOG.md.\n\n -- %s  %s\n' "$VERSION" \
    "$(sed -n 's/^Maintainer: //p' $HERE/control.in)" "$(LC_ALL=C date --utc --rfc-email --date="@$SOURCE_DATE_EPOCH")" |
    gzip -9n >"$ROOT/usr/share/doc/classcord/changelog.gz"
gzip -9n <$HERE/classcord.1 >"$ROOT/usr/share/man/man1/classcord.1.gz"
{
    printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\n'
    printf 'Copyright: %s\n' "$(sed -n 's/^Copyright (c) //p' LICENSE)"
    printf 'License: Expat\nComment: The libraries in %s keep their own licenses, which stand\n' "$HOME_IN_PACKAGE"
    printf ' beside them there (*.dist-info).\n\nLicense: Expat\n'
    sed -n '/^Permission/,$s/^\(.*\)$/ \1/p' LICENSE | sed 's/^ $/ ./'
} >"$ROOT/usr/share/doc/classcord/copyright"

CONTROL=$ROOT/DEBIAN
install -d "$CONTROL"
install -m 755 $HERE/preinst $HERE/postinst $HERE/prerm $HERE/postrm "$CONTROL/"
(cd "$ROOT" && find etc -type f -printf '/%p\n' | sort) >"$CONTROL/conffiles"
(cd "$ROOT" && find usr lib -type f -print0 | sort -z | xargs -0 md5sum) >"$CONTROL/md5sums"
ARCHITECTURE=$(dpkg --print-architecture)
MINOR=$("$PYTHON" -c 'import sys; print(sys.version_info[1])')
sed -e "s|@VERSION@|$VERSION|" -e "s|@ARCHITECTURE@|$ARCHITECTURE|" -e "s|@PYTHON@|3.$MINOR|" \
    -e "s|@NEXT_PYTHON@|3.$((MINOR + 1))|" -e "s|@SIZE@|$(du -sk --exclude=DEBIAN "$ROOT" | cut -f1)|" \
    $HERE/control.in >"$CONTROL/control"
find "$ROOT" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
export SOURCE_DATE_EPOCH
PACKAGE=$OUT/classcord_${VERSION}_$ARCHITECTURE.deb
dpkg-deb --root-owner-group --build "$ROOT" "$PACKAGE" >/dev/null
echo "$PACKAGE"
