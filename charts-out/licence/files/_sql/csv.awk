# CSV → its first row, if there is one, as a JSON object of texts and nulls, with the columns that are named in FLOWHELM_COLUMNS.
# A field that is the text of NOTHING is null. Works on bytes (LC_ALL=C), so that any text in UTF-8 passes.

function json(text,    found, i, character) {
    found = ""
    for (i = 1; i <= length(text); i++) {
        character = substr(text, i, 1)
        found = found (character in escaped ? escaped[character] : character)
    }
    return "\"" found "\""
}

# Splits a record into fields[1..]; returns how many there are.
function split_record(record, fields,    count, i, character, quoted, field) {
    count = 0; quoted = 0; field = ""
    for (i = 1; i <= length(record); i++) {
        character = substr(record, i, 1)
        if (quoted && character == "\"" && substr(record, i + 1, 1) == "\"") { field = field "\""; i++ }
        else if (character == "\"") quoted = !quoted
        else if (character == "," && !quoted) { fields[++count] = field; field = "" }
        else field = field character
    }
    fields[++count] = field
    return count
}

BEGIN {
    for (i = 1; i < 32; i++) escaped[sprintf("%c", i)] = sprintf("\\u%04x", i)
    escaped["\""] = "\\\""; escaped["\\"] = "\\\\"
    total = split(ENVIRON["FLOWHELM_COLUMNS"], names, " ")
    for (i = 1; i <= total; i++) wanted[names[i]]
    record = ""; records = 0
}

{
    record = record $0
    counted = record
    if (gsub(/"/, "", counted) % 2) { record = record "\n"; next }   # a quoted field goes on in the next line
    records++
    if (records == 1) columns = split_record(record, header)
    else { split_record(record, row); exit }
    record = ""
}

END {
    if (records < 2) exit
    separator = ""
    printf "{"
    for (i = 1; i <= columns; i++) {
        if (!(header[i] in wanted)) continue
        printf "%s%s:%s", separator, json(header[i]), row[i] == ENVIRON["NOTHING"] ? "null" : json(row[i])
        separator = ","
    }
    print "}"
}
