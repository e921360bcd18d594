# What the client prints with --xml → the first row of the last result, if it has one, as a JSON object of texts and nulls, with the
# columns that are named in FLOWHELM_COLUMNS. Works on bytes (LC_ALL=C), so that any text in UTF-8 passes.
# In the client's XML, `<`, `>`, `&` and `"` of names and values are written as entities, so that every tag is its own.

function json(text,    found, i, character) {
    found = ""
    for (i = 1; i <= length(text); i++) {
        character = substr(text, i, 1)
        found = found (character in escaped ? escaped[character] : character)
    }
    return "\"" found "\""
}

function plain(text) {
    gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&quot;/, "\"", text); gsub(/&#0;/, "", text)
    gsub(/&amp;/, "\\&", text)
    return text
}

BEGIN {
    for (i = 1; i < 32; i++) escaped[sprintf("%c", i)] = sprintf("\\u%04x", i)
    escaped["\""] = "\\\""; escaped["\\"] = "\\\\"
    total = split(ENVIRON["FLOWHELM_COLUMNS"], names, " ")
    for (i = 1; i <= total; i++) wanted[names[i]]
    row = ""; taking = 0; rows = 0
}

/^<resultset / { row = ""; taking = 1; rows = 0 }
taking && /^  <\/row>/ { taking = 0; rows = 1 }
taking { row = row $0 "\n" }

END {
    if (!rows) exit
    separator = ""
    printf "{"
    while (match(row, /<field name="[^"]*"( xsi:nil="true" \/>|>)/)) {
        tag = substr(row, RSTART, RLENGTH)
        row = substr(row, RSTART + RLENGTH)
        name = substr(tag, 14); sub(/".*/, "", name); name = plain(name)
        value = "null"
        if (tag !~ /xsi:nil="true"/) {
            end = index(row, "</field>")
            value = json(plain(substr(row, 1, end - 1)))
            row = substr(row, end + 8)
        }
        if (!(name in wanted)) continue
        printf "%s%s:%s", separator, json(name), value
        separator = ","
    }
    print "}"
}
