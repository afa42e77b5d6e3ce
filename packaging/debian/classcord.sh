#!/bin/sh
# The command `classcord` of the package: for the server that the package runs, unless --config and --data say otherwise.
# What root asks is done as the user classcord, for a file of root's in the data folder would stop the server.
export CLASSCORD_CONFIG="${CLASSCORD_CONFIG:-/etc/classcord/classcord.toml}"
export CLASSCORD_DATA="${CLASSCORD_DATA:-/var/lib/classcord}"
if [ "$(id -u)" = 0 ]; then
    exec setpriv --reuid=classcord --regid=classcord --init-groups -- /usr/lib/classcord/bin/classcord "$@"
fi
exec /usr/lib/classcord/bin/classcord "$@"
