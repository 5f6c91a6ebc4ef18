#!/bin/sh
# Counts the words of sample.txt and keeps what came out in test.log.
set -eu
found=$(./count < sample.txt)
expected=9
printf 'expected %s, found %s\n' "$expected" "$found" > test.log
cat test.log
[ "$found" = "$expected" ]
