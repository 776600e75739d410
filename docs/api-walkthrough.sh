#!/bin/sh
# A tenant's whole life over the HTTP API, with nothing but curl: registered, watched, changed, suspended, reactivated,
# deleted.
# Stops with another exit code than 0 at the first answer that is not the one the documentation promises.
#
#   VIGIA_URL=https://portal.example.com VIGIA_EMAIL=you@example.com VIGIA_PASSWORD=… docs/api-walkthrough.sh
#
# VIGIA_CODE is the code of the second factor, for who uses one. Deleting takes an administrator.
# The calls are described at $VIGIA_URL/api/docs, and for tools at $VIGIA_URL/openapi/v1.json.
set -eu

: "${VIGIA_URL:?the address of the portal}" "${VIGIA_EMAIL:?your e-mail}" "${VIGIA_PASSWORD:?your password}"
api=${VIGIA_URL%/}/api/v1/admin

# Answers and the token go to files that only you can read. Nothing secret stands on a command line, where others could
# see it: bodies come from standard input, the token from a file.
umask 077
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
: >"$tmp/token"

say() { printf '%s\n' "$*"; }
stop() { say "STOPPED: $*" >&2; exit 1; }

# call STATUS METHOD ADDRESS [more for curl]: one request; any other status is the end.
call() {
  wanted=$1 method=$2 address=$3
  shift 3
  status=$(curl -sS -X "$method" -H "@$tmp/token" -H 'Accept-Language: en' \
    -D "$tmp/head" -o "$tmp/body" -w '%{http_code}' "$@" "$address") ||
    stop "$method $address: no answer"
  [ "$status" = "$wanted" ] || stop "$method $address answered $status instead of $wanted: $(cat "$tmp/body")"
}

# send …: the same with a JSON body from standard input.
send() { call "$@" -H 'Content-Type: application/json' --data-binary @-; }

# Parts of the last answer: a header, the first text field, the first number.
header() { tr -d '\r' <"$tmp/head" | grep -i "^$1:" | sed 's/^[^:]*: *//' | tail -n 1; }
text() { grep -o "\"$1\":\"[^\"]*\"" "${2:-$tmp/body}" | head -n 1 | sed 's/^[^:]*:"//; s/"$//'; }
number() { grep -o "\"$1\":[0-9]*" "${2:-$tmp/body}" | head -n 1 | sed 's/^[^:]*://'; }

# A text as JSON has it between quotes.
quoted() { printf '%s' "$1" | sed 's/[\\"]/\\&/g'; }

# follow ADDRESS: prints what an operation does until it has ended; anything but success is the end.
follow() {
  : >"$tmp/event"
  curl -sS -N -f -H "@$tmp/token" "$1/events" | while IFS= read -r line; do
    case $line in
    data:*)
      printf '%s\n' "${line#data: }" >"$tmp/event"
      say "   $(text state "$tmp/event"), $(number progress "$tmp/event") %"
      ;;
    esac
  done
  [ "$(text state "$tmp/event")" = succeeded ] || stop "the operation did not succeed: $(cat "$tmp/event")"
}

# A RUC that nobody has: 20, eight digits of the clock and this process, and the check digit.
new_ruc() {
  digits=20$(printf '%08d' $((($(date +%s) * 31 + $$) % 100000000)))
  sum=0 rest=$digits
  for weight in 5 4 3 2 7 6 5 4 3 2; do
    tail=${rest#?}
    sum=$((sum + weight * ${rest%"$tail"}))
    rest=$tail
  done
  printf '%s%d' "$digits" $(((11 - sum % 11) % 10))
}

say "1. Sign in: a token for 60 minutes"
code=
[ -z "${VIGIA_CODE:-}" ] || code=", \"two_factor_code\": \"$(quoted "$VIGIA_CODE")\""
send 200 POST "$api/auth/token" <<EOF
{"email": "$(quoted "$VIGIA_EMAIL")", "password": "$(quoted "$VIGIA_PASSWORD")"$code}
EOF
printf 'Authorization: Bearer %s\n' "$(text access_token)" >"$tmp/token"

name=recorrido-$(date +%s)-$$
say "2. Register the tenant $name; its database is made by an operation"
cat >"$tmp/tenant" <<EOF
{"ruc": "$(new_ruc)", "razon_social": "Recorrido de la API S.A.C.", "subdominio": "$name",
 "correo_acceso": "admin@$name.pe", "plan": "basico", "entorno": "demo"}
EOF
send 202 POST "$api/clientes" -H "Idempotency-Key: $name" <"$tmp/tenant"
id=$(number id)
operation=${VIGIA_URL%/}$(header Location)
say "   tenant $id, status $(text status)"

say "3. Send the very same request again, as after a lost connection: the key gets the first answer," \
  "and nothing is done twice"
send 202 POST "$api/clientes" -H "Idempotency-Key: $name" <"$tmp/tenant"
[ "$(header Idempotency-Replayed)" = true ] && [ "$(number id)" = "$id" ] || stop "the tenant was registered twice"

say "4. Follow the operation by its events until it has ended"
follow "$operation"

say "5. Look at the tenant"
call 200 GET "$api/clientes/$id"
etag=$(header ETag)
[ "$(text status)" = active ] || stop "the tenant is $(text status)"
say "   $(text razon_social) is $(text status) at $(text url)"

say "6. Change it, if nobody has since we read it"
send 200 PATCH "$api/clientes/$id" -H "If-Match: $etag" <<EOF
{"contacto_nombre": "Rosa Huaman", "max_usuarios": 10}
EOF
say "   the same with the version that is now an old one is refused:"
send 412 PATCH "$api/clientes/$id" -H "If-Match: $etag" <<EOF
{"contacto_nombre": "Otra Persona"}
EOF
say "   $(text code): $(text detail)"

say "7. Suspend it, with a reason, and reactivate it"
send 200 POST "$api/clientes/$id/toggle" <<EOF
{"is_active": false, "reason_code": "falta_de_pago", "reason": "Recorrido de la API"}
EOF
say "   $(text status)"
send 200 POST "$api/clientes/$id/toggle" <<EOF
{"is_active": true}
EOF
say "   $(text status)"

say "8. Destroy it at once, without the trash: a demo may"
send 202 DELETE "$api/clientes/$id?hard=true" <<EOF
{"confirm": "$name", "reason": "Fin del recorrido", "password": "$(quoted "$VIGIA_PASSWORD")", "retention_days": 0}
EOF
follow "${VIGIA_URL%/}$(header Location)"

say "9. It is gone, and the audit trail says what happened"
call 404 GET "$api/clientes/$id"
call 200 GET "$api/audit?tenant_id=$id"
say "   $(number total) records"
say "Done."
