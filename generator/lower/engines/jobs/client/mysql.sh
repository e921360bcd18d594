# Runs the statement of a `sql` task with the client of MySQL or MariaDB, in one transaction.
#
# In:  FLOWHELM_DSN; FLOWHELM_STATEMENT, a file; FLOWHELM_PARAMS, the names of its parameters, whose values are in
#      FLOWHELM_PARAM_<name>; FLOWHELM_COLUMNS, the names of the task's outputs.
# Out: the file FLOWHELM_OUTPUTS has the first row of the last result as a JSON object, or says why the task failed.
# The values reach the server as hexadecimal literals in variables, to which the statement is bound: EXECUTE … USING.
set -eu
export LC_ALL=C
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

case $FLOWHELM_DSN in
mysql://* | mariadb://*) ;;
*) case ${FLOWHELM_DSN%%://*} in
    "$FLOWHELM_DSN" | *[!a-zA-Z0-9+.-]*)
        refuse "the DSN is empty, or no address such as mysql://user:password@host:3306/database"
        ;;
    *) refuse "the DSN begins with ${FLOWHELM_DSN%%://*}://, but the task's engine is mysql" ;;
    esac ;;
esac

umask 077
cd "$work"
awk -f "$here/dsn.awk" >options ||
    refuse "the DSN cannot be read: write mysql://user:password@host:3306/database, with %XX for special characters"

{
    for name in $FLOWHELM_PARAMS; do
        value=$(awk -v variable="FLOWHELM_PARAM_$name" -f "$here/hex.awk") || refuse "the parameter $name cannot be read"
        printf "SET @param_%s = _utf8mb4 X'%s'; " "$name" "$value"
    done
    printf 'START TRANSACTION; '
    cat "$FLOWHELM_STATEMENT"
    printf '\nCOMMIT;\n'
} >script

program=mysql
! command -v mariadb >/dev/null || program=mariadb
# With --binary-mode the client reads nothing but SQL, and leaves line feeds and null bytes alone.
"$program" --defaults-file=options --default-character-set=utf8mb4 --binary-mode --comments --batch --xml \
    <script >results 2>errors &
client=$!
trap 'kill "$client"' TERM INT
code=0
wait "$client" || code=$?
while kill -0 "$client" 2>/dev/null; do # a signal has ended the waiting
    code=0
    wait "$client" || code=$?
done

grep -i '^\(error\|warning\|note\|mysql\|mariadb\)' errors >&2 || true # not the statement that it repeats
if [ "$code" != 0 ]; then
    reason=$(sed -n -e 's/^ERROR [0-9]* ([0-9A-Z]*)[^:]*: //p' -e 's/^ERROR: //p' -e '/unknown /p' errors | head -n 1)
    fail "${reason:-$program ended with exit code $code}"
fi

[ -n "$FLOWHELM_COLUMNS" ] || exit 0
awk -f "$here/xml.awk" results >row
cat row >"$FLOWHELM_OUTPUTS"
