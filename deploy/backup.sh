#!/usr/bin/env bash
# A consistent copy of everything the portal keeps: usage backup.sh TARGET-FOLDER
set -euo pipefail
target=${1:?usage: backup.sh TARGET-FOLDER}
instance=${INSTANCE_DIR:-instance}
mkdir -p "$target"
case "${DATABASE_URL:-sqlite}" in
postgres*) pg_dump --format=custom --file "$target/ducha.dump" "$DATABASE_URL" ;;
*) sqlite3 "$instance/ducha.db" ".backup '$target/ducha.db'" ;;
esac
tar -C "$instance" -czf "$target/attachments.tar.gz" attachments
tar -czf "$target/configuration.tar.gz" config checklists report_templates translations
