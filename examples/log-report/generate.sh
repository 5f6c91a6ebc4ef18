#!/bin/sh
# Writes logs/web-1.log to logs/web-4.log: generate.sh SEED.
set -eu
mkdir -p logs
for server in 1 2 3 4; do
  awk -v seed="$1$server" 'BEGIN {
    srand(seed)
    split("/ /cart /login /search /help", pages, " ")
    for (line = 0; line < 500; line++) {
      status = rand() < 0.04 ? 500 : rand() < 0.1 ? 404 : 200
      printf "%02d:%02d %s %d %d\n", int(line / 21), line % 60, pages[int(rand() * 5) + 1], status, int(rand() * 900)
    }
  }' > "logs/web-$server.log"
done
