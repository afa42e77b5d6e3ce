#!/bin/sh
# Démarrage rapide de ClassCord à l’arrière-plan :
#
#     ./start_server.sh [start] [OPTION...]   démarrer ; les options sont celles de `twistd classcord` (--port 4000...)
#     ./start_server.sh status                dire s’il tourne, et où
#     ./start_server.sh restart [OPTION...]   arrêter et redémarrer, avec les options d’avant si aucune n’est donnée
#     ./start_server.sh stop                  arrêter
#
# Les données sont dans ./var, ou dans le dossier que dit la variable DATA. CLASSCORD_BIN dit où sont `twistd` et
# `classcord` s’ils sont déjà installés ; sinon ils le sont dans .venv par make. Fin : 0 si c’est fait, 1 ou 2 sinon ;
# pour status, 3 si le serveur est arrêté.
set -eu
cd "$(dirname "$0")"

DATA=${DATA:-var}
PID_FILE=$DATA/server.pid
LOCK=$DATA/lock
OPTIONS_FILE=$DATA/server.options
LOG=$DATA/log/classcord.log
VENV=${VENV:-.venv}
BIN=${CLASSCORD_BIN:-$VENV/bin}
PATIENCE=20 # seconds that a stop may take
unset NOTIFY_SOCKET # the server that begins here is no manager's child

usage() {
    sed -n '2,/^set /s/^# \{0,1\}//p' "$0"
}

# The process that runs, if there is one: whoever holds the lock of DATA, which has its number. A server elsewhere, or
# another program that has got an old number meanwhile, does not hold it.
running() {
    pid=
    if { [ -d "$DATA" ] && [ ! -x "$DATA" ]; } || { [ -e "$LOCK" ] && [ ! -r "$LOCK" ]; }; then
        echo "$DATA ne peut pas être lu : ce dossier de données est d’un autre utilisateur." >&2
        exit 1
    fi
    [ -e "$LOCK" ] || return 1
    if command -v flock >/dev/null; then
        flock -n -s "$LOCK" true 2>/dev/null && return 1
    fi
    pid=$(head -n 1 "$LOCK")
    case $(ps -o args= -p "${pid:-0}" 2>/dev/null) in
    *twistd*classcord*) return 0 ;;
    '') return 1 ;;
    esac
    if command -v flock >/dev/null; then
        echo "Le processus $pid, qui n’est pas un serveur, travaille dans $DATA : attendez qu’il ait fini." >&2
        exit 1
    fi
    return 1
}

# The options as a shell reads them again, each in quotes.
quoted() {
    for option in "$@"; do
        printf "'%s' " "$(printf %s "$option" | sed "s/'/'\\\\''/g")"
    done
}

# What the process has said in the log since it began, whoever started it; the log of before, if it was rotated.
beginning() {
    cat "$LOG.1" "$LOG" 2>/dev/null | sed -n "/ is running on .*, process $pid\\b/,\$p"
}

# Where others reach the server: `tcp 0.0.0.0:12345, ssh 0.0.0.0:2222`. That is every address of this machine; one of
# them is shown.
places() {
    address=$(hostname -I 2>/dev/null | tr ' ' '\n' | grep -m 1 -F . || echo localhost)
    beginning | sed -n 's/.*is running on \(.*\), data in .*/\1/p' | tr ',' '\n' |
        sed -e 's/^ //' -e "s/ 0\.0\.0\.0:/ $address:/" -e "s/ \[::\]:/ $address:/" \
            -e 's/^tcp /  Chat            /' -e 's/^tls /  Chat chiffré    /' \
            -e 's,^web \(.*\),  Page web        http://\1/,' -e 's,^web_tls \(.*\),  Page chiffrée   https://\1/,' \
            -e 's/^ssh \(.*\):\([0-9]*\)$/  Administration  ssh -p \2 admin@\1/' -e 's/^metrics /  Mesures         /'
}

# By what a client knows the server again: the certificate and the SSH key that it uses now.
fingerprints() {
    beginning | sed -n 's/.*TLS certificate [a-z ]*, \(sha256:[0-9A-F:]*\).*/  Empreinte       \1/p' | tail -n 1
    beginning | sed -n 's,.*SSH host key \(SHA256:[A-Za-z0-9+/]*\).*,  Clé SSH         \1,p' | tail -n 1
}

report() {
    echo "ClassCord tourne (processus $pid)."
    places
    fingerprints
    echo "  Données         $DATA"
    echo "  Journal         $LOG"
    if [ -f "$DATA/first-password" ]; then
        echo "  Premier compte  admin, mot de passe dans $DATA/first-password"
    fi
    echo "Pour l’arrêter : ./start_server.sh stop"
}

start() {
    if running; then
        report
        return 0
    fi
    if [ -z "${CLASSCORD_BIN:-}" ]; then
        make --silent "$VENV/.installed" VENV="$VENV"
    fi
    mkdir -p "$DATA"
    chmod 700 "$DATA"
    rm -f "$PID_FILE"
    # twistd comes back when the server listens, or with status 2 and the reason why it does not.
    "$BIN/twistd" --pidfile "$PID_FILE" classcord --data "$DATA" "$@" || {
        status=$?
        echo "ClassCord n’a pas démarré." >&2
        return "$status"
    }
    quoted "$@" >"$OPTIONS_FILE"
    running || {
        echo "ClassCord s’est arrêté aussitôt ; voyez $LOG." >&2
        return 1
    }
    report
}

stop() {
    if ! running; then
        rm -f "$PID_FILE"
        echo "ClassCord est arrêté."
        return 0
    fi
    if ! kill -TERM "$pid" 2>/dev/null; then
        echo "ClassCord (processus $pid) est d’un autre utilisateur, qui seul peut l’arrêter." >&2
        return 1
    fi
    waited=0
    while kill -0 "$pid" 2>/dev/null; do
        if [ "$waited" -ge $((PATIENCE * 10)) ]; then
            echo "ClassCord (processus $pid) ne s’arrête pas ; voyez $LOG." >&2
            return 1
        fi
        sleep 0.1
        waited=$((waited + 1))
    done
    echo "ClassCord est arrêté."
}

command=start
case ${1:-} in
start | stop | status | restart)
    command=$1
    shift
    ;;
-h | --help | help)
    usage
    exit 0
    ;;
-* | '') ;;
*)
    usage >&2
    exit 2
    ;;
esac

case $command in
start)
    start "$@"
    ;;
stop)
    stop
    ;;
restart)
    if [ $# -eq 0 ] && [ -f "$OPTIONS_FILE" ]; then
        eval "set -- $(cat "$OPTIONS_FILE")"
    fi
    stop
    start "$@"
    ;;
status)
    if running; then
        report
    else
        echo "ClassCord est arrêté."
        exit 3
    fi
    ;;
esac
