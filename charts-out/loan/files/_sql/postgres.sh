# Runs the statement of a `sql` task with PostgreSQL's own client, in one transaction.
#
# In:  FLOWHELM_DSN; FLOWHELM_STATEMENT, a file; FLOWHELM_PARAMS, the names of its parameters, whose values are in
#      FLOWHELM_PARAM_<name>; FLOWHELM_COLUMNS, the names of the task's outputs.
# Out: the file FLOWHELM_OUTPUTS has the first row of the last result as a JSON object, or says why the task failed.
# The client quotes the values itself (`:'name'`), and reads them from the environment: none is ever part of a text.
set -eu
export LC_ALL=C PGCLIENTENCODING=UTF8 PGAPPNAME=flowhelm
here=${0%/*}
work=$(mktemp -d)

fail() {
    printf '%.1000s' "$1" >"$FLOWHELM_OUTPUTS"
    exit 1
}

refuse() {
    printf '%s\n' "$1" >&2
    fail "$1"
}

scheme=${FLOWHELM_DSN%%://*}
case $FLOWHELM_DSN in
postgres://* | postgresql://*) ;;
*) case $scheme in
    "$FLOWHELM_DSN" | *[!a-zA-Z0-9+.-]*) # no scheme: a list of keywords such as host=… dbname=…
        case $FLOWHELM_DSN in
        *=*) ;;
        *) refuse "the DSN is empty, or no address such as postgres://user:password@host:5432/database" ;;
        esac
        ;;
    *) refuse "the DSN begins with $scheme://, but the task's engine is postgres" ;;
    esac ;;
esac

nothing=$(cat /proc/sys/kernel/random/uuid) # stands for null: no value can be known to be none of a random text
set -- -X -q -v ON_ERROR_STOP=1 --single-transaction --csv -P "null=$nothing" -o "$work/0"
for name in $FLOWHELM_PARAMS; do
    set -- "$@" -c "\\getenv param_$name FLOWHELM_PARAM_$name"
done

cd "$work" # the statement writes each result into a file of its own: 0, 1, 2 …
psql "$@" -f "$FLOWHELM_STATEMENT" "$FLOWHELM_DSN" 2>errors &
client=$!
trap 'kill -INT "$client"' TERM INT
code=0
wait "$client" || code=$?
while kill -0 "$client" 2>/dev/null; do # a signal has ended the waiting
    code=0
    wait "$client" || code=$?
done

if [ "$code" != 0 ]; then
    # What is said of a DSN that cannot be read repeats parts of it.
    if grep -q '^psql: error: ' errors && ! grep -q 'connection to server' errors; then
        refuse "the DSN cannot be read: write postgres://user:password@host:5432/database, with %XX for special characters"
    fi
    cat errors >&2
    reason=$(sed -n -e 's/^psql:.*[0-9]: *\(ERROR\|FATAL\): */\1: /p' -e 's/^psql: error: //p' errors | head -n 1)
    fail "${reason:-psql ended with exit code $code}"
fi
cat errors >&2

[ -n "$FLOWHELM_COLUMNS" ] || exit 0
last=0 next=0
while [ -e "$next" ]; do
    [ ! -s "$next" ] || last=$next
    next=$((next + 1))
done
NOTHING=$nothing awk -f "$here/csv.awk" "$last" >row
cat row >"$FLOWHELM_OUTPUTS"
