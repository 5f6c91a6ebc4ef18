#!/bin/sh
# Puts the tables together.
set -eu
{
  echo "# Errors by page"
  cat errors.txt
  echo "# Mean time by page (ms)"
  cat slow.txt
} > report.txt
