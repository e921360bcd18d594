# FLOWHELM_DSN, mysql://user:password@host:port/database?option=value → an options file of the client.
# Fails without saying why: a message would repeat parts of the DSN.

function decoded(text,    found, i, character, high, low) {
    found = ""
    for (i = 1; i <= length(text); i++) {
        character = substr(text, i, 1)
        if (character == "%") {
            high = index(digits, tolower(substr(text, i + 1, 1))) - 1
            low = index(digits, tolower(substr(text, i + 2, 1))) - 1
            if (i + 2 > length(text) || high < 0 || low < 0 || high + low == 0) refuse()
            character = sprintf("%c", high * 16 + low)
            i += 2
        }
        found = found character
    }
    return found
}

# A value in double quotes, as the client's options files take it.
function option(name, value,    i, character) {
    if (value ~ /[\n\r]/) refuse()
    printf "%s=\"", name
    for (i = 1; i <= length(value); i++) {
        character = substr(value, i, 1)
        printf "%s%s", (character == "\\" || character == "\"") ? "\\" : "", character
    }
    print "\""
}

function refuse() { refused = 1; exit 1 }

BEGIN {
    digits = "0123456789abcdef"
    dsn = ENVIRON["FLOWHELM_DSN"]
    sub(/^[a-z]+:\/\//, "", dsn)
    query = ""
    if (i = index(dsn, "?")) { query = substr(dsn, i + 1); dsn = substr(dsn, 1, i - 1) }
    path = ""
    if (i = index(dsn, "/")) { path = substr(dsn, i + 1); dsn = substr(dsn, 1, i - 1) }
    user = ""; host = dsn
    if (i = index(dsn, "@")) { user = substr(dsn, 1, i - 1); host = substr(dsn, i + 1) }
    port = ""
    if (match(host, /:[0-9]+$/)) { port = substr(host, RSTART + 1); host = substr(host, 1, RSTART - 1) }
    gsub(/^\[|\]$/, "", host)
    if (host == "" || host ~ /@/) refuse()

    print "[client]\nprotocol=tcp"
    option("host", decoded(host))
    if (port != "") option("port", port)
    i = index(user, ":")
    if (user != "") option("user", decoded(i ? substr(user, 1, i - 1) : user))
    if (i) option("password", decoded(substr(user, i + 1)))
    if (path != "") option("database", decoded(path))
    count = split(query, pairs, "&")
    for (n = 1; n <= count; n++) {
        i = index(pairs[n], "=")
        name = i ? substr(pairs[n], 1, i - 1) : pairs[n]
        if (name !~ /^[a-z][-_a-z0-9]*$/ || pairs[n] ~ /@/) refuse()   # else a password with a bare ? would be shown
        if (i) option(name, decoded(substr(pairs[n], i + 1)))
        else print name
    }
}

END { if (refused) exit 1 }
