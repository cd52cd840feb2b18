"""What returning customers and lakes have in common: a heading of docs/operate.md and beginnings of its blocks."""

RETURN = "## A customer returns, or moves to another shard"
PUT_ASIDE = "for database in $databases; do\n  tables="
RESTORE = "for database in $databases; do\n  jq"
IMPORT = "--import-existing-resources"
