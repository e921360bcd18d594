# The bytes of the variable that is called `variable`, as hexadecimal digits. Works on bytes (LC_ALL=C); fails for one
# that it does not know, rather than leave it out.

BEGIN {
    for (i = 1; i < 256; i++) digits[sprintf("%c", i)] = sprintf("%02x", i)
    if (!(variable in ENVIRON)) exit 1
    text = ENVIRON[variable]
    for (i = 1; i <= length(text); i++) {
        character = substr(text, i, 1)
        if (!(character in digits)) exit 1
        printf "%s", digits[character]
    }
}
