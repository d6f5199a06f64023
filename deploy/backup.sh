#!/usr/bin/env bash
# A consistent copy of everything the portal keeps: usage backup.sh TARGET-FOLDER [CONFIGURATION-FOLDER]
set -euo pipefail
target=${1:?usage: backup.sh TARGET-FOLDER [CONFIGURATION-FOLDER]}
root=${2:-.}
instance=${INSTANCE_DIR:-$root/instance}
mkdir -p "$target"
case "${DATABASE_URL:-sqlite}" in
postgres*) pg_dump --format=custom --file "$target/ducha.dump" "$DATABASE_URL" ;;
*) sqlite3 "$instance/ducha.db" ".backup '$target/ducha.db'" ;;
esac

# pack ARCHIVE FOLDER NAMES...: what is not there yet is left out
pack() {
    local archive=$1 folder=$2 name
    local -a found=()
    shift 2
    for name in "$@"; do
        if [ -e "$folder/$name" ]; then found+=("$name"); fi
    done
    tar -C "$folder" -czf "$target/$archive" "${found[@]}"
}
pack files.tar.gz "$instance" attachments documents secret_key
pack configuration.tar.gz "$root" config checklists report_templates translations
chmod -R go= "$target"
