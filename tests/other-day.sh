#!/bin/bash
# Runs a part of the suite on another day, in another zone, language and order: tests/other-day.sh [SEED [ARGUMENT...]]
# Each time another one, unless a seed is given; the first line says which, and how to have it again. The arguments are
# pytest's, instead of the part; `all` is the whole suite. A seed below 16 takes one of the hours below, in Europe/Paris.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

HOURS=(
    "2028-07-14 12:00 UTC" "2028-02-29 12:00 UTC" "2032-02-29 23:59:30 UTC" "2040-06-01 09:00 UTC"
    "2038-01-19 03:13:30 UTC" "2027-03-28 00:59:30 UTC" "2027-10-31 00:59:30 UTC" "2027-12-31 23:59:30 UTC"
    "2029-10-28 01:30 UTC" "2030-03-31 01:30 UTC" "2033-05-18 03:33 UTC" "2036-02-29 00:00 UTC"
    "2049-12-31 12:00 UTC" "2027-01-01 00:00 UTC" "2020-03-01 12:00 UTC" "2031-09-30 21:00 UTC"
)
ZONES=(Europe/Paris America/St_Johns Pacific/Chatham UTC Asia/Kolkata Pacific/Kiritimati America/Los_Angeles)
LANGUAGES=(C fr_FR.UTF-8 de_DE.UTF-8 C.UTF-8)

seed=${1:-$((RANDOM * 32768 + RANDOM))}
shift || true
preload=$(find /usr/lib /usr/local/lib -name libfaketime.so.1 2>/dev/null | head -n 1)
if [ -z "$preload" ]; then
    echo "no libfaketime; on Debian: apt-get install faketime" >&2
    exit 1
fi
hour=${HOURS[seed % ${#HOURS[@]}]}
zone=${ZONES[seed / 16 % ${#ZONES[@]}]}
language=${LANGUAGES[seed / 112 % ${#LANGUAGES[@]}]}
echo "Another day: $hour, TZ=$zone, LC_ALL=$language, order $seed; the same again: tests/other-day.sh $seed${*:+ $*}"
if [ "${1:-}" = all ]; then
    shift
else
    # An eighth of the files, each time others, and those where time and language matter most.
    mapfile -t files < <(find tests -name 'test_*.py' ! -path 'tests/system/*' | sort)
    part=()
    for number in "${!files[@]}"; do
        (((number + seed) % 8 == 0)) && part+=("${files[number]}")
    done
    [ "$#" -gt 0 ] || set -- "${part[@]}" tests/services/tls/test_certificates.py tests/cli/cert/test_cert_command.py \
        tests/cli/doctor/test_doctor_command.py tests/services/backups/test_backup_rotation.py tests/wire/test_classic_rules.py
fi
PYTHONUTF8=0
PYTHONCOERCECLOCALE=0
[ "$language" = C ] || unset PYTHONUTF8 PYTHONCOERCECLOCALE
offset=$(($(date --date="$hour" +%s) - $(date +%s)))
# The time goes on from there, for every process alike; what is measured by the monotonic clock stays as it is.
exec env ${PYTHONUTF8:+PYTHONUTF8=0 PYTHONCOERCECLOCALE=0} TZ="$zone" LC_ALL="$language" LD_PRELOAD="$preload" \
    FAKETIME="$(printf %+d "$offset")" FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1 \
    "${VENV:-.venv}/bin/python" -m pytest -p tests.other_day -m "not system and not slow" -p no:cacheprovider -n "${WORKERS:-auto}" \
    --random-order --random-order-seed="$seed" "$@"
