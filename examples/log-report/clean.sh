#!/bin/sh
# Joins the logs, sorted by time, without the health checks.
set -eu
cat logs/*.log | grep -v ' /help ' | sort > requests.txt
