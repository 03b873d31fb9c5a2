#!/bin/sh
# Chromium, PostgreSQL, LibreOffice, poppler and Java (for Spark) for the tests: installed where apt is ours to use, else said what is missing.
set -eu
missing=""
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 \
    || [ -d "/Applications/Google Chrome.app" ] || missing="chromium"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || missing="$missing postgresql"
[ -e /usr/lib/libreoffice/program/libsclo.so ] || [ -d "/Applications/LibreOffice.app" ] || missing="$missing libreoffice-writer-nogui libreoffice-calc-nogui"
java -version >/dev/null 2>&1 || missing="$missing default-jre-headless"
command -v pdftotext >/dev/null 2>&1 || missing="$missing poppler-utils"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq
    # shellcheck disable=SC2086 # a list of packages
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing fonts-dejavu-core >/dev/null
else
    echo "Voor alle tests ontbreken nog: $missing. Installeer ze; wat ze nodig heeft, wordt nu zichtbaar overgeslagen." >&2
fi
