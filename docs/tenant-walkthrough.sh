#!/bin/sh
# The users of a client over its own HTTP API, with nothing but curl: an administrator invited by mail sets a password,
# signs in, adds users until the limit answers, and is refused after the client was suspended.
# Stops with another exit code than 0 at the first answer that is not the one the documentation promises.
#
#   VIGIA_URL=https://portal.example.com VIGIA_EMAIL=you@example.com VIGIA_PASSWORD=… \
#     VIGIA_MAILBOX=somebody@example.com docs/tenant-walkthrough.sh
#
# VIGIA_EMAIL is a member of staff who may destroy clients. VIGIA_MAILBOX receives the invitation; its link is read from
# standard input. Where PORTAL_BASE_URL is set, VIGIA_TENANT_URL is any other address of the portal.
# The calls are described at $VIGIA_URL/openapi/tenant-v1.json.
set -eu

: "${VIGIA_URL:?the address of the portal}" "${VIGIA_EMAIL:?your e-mail}" "${VIGIA_PASSWORD:?your password}"
: "${VIGIA_MAILBOX:?where the invitation goes}"
staff=${VIGIA_URL%/}/api/v1/admin
api=${VIGIA_TENANT_URL:-$VIGIA_URL}
api=${api%/}/api/v1

# Answers, tokens and passwords are in files that only you can read. Nothing secret stands on a command line, where
# others could see it.
umask 077
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM

say() { printf '%s\n' "$*"; }
stop() { say "STOPPED: $*" >&2; exit 1; }

# call STATUS METHOD ADDRESS [more for curl]: one request with the headers in $tmp/headers; any other status is the end.
call() {
  wanted=$1 method=$2 address=$3
  shift 3
  status=$(curl -sS -X "$method" -H "@$tmp/headers" -H 'Accept-Language: en' \
    -D "$tmp/head" -o "$tmp/body" -w '%{http_code}' "$@" "$address") ||
    stop "$method $address: no answer"
  [ "$status" = "$wanted" ] || stop "$method $address answered $status instead of $wanted: $(cat "$tmp/body")"
}

# send …: the same with a JSON body from standard input.
send() { call "$@" -H 'Content-Type: application/json' --data-binary @-; }

header() { tr -d '\r' <"$tmp/head" | grep -i "^$1:" | sed 's/^[^:]*: *//' | tail -n 1; }
text() { grep -o "\"$1\":\"[^\"]*\"" "${2:-$tmp/body}" | head -n 1 | sed 's/^[^:]*:"//; s/"$//'; }
number() { grep -o "\"$1\":[0-9]*" "${2:-$tmp/body}" | head -n 1 | sed 's/^[^:]*://'; }
quoted() { printf '%s' "$1" | sed 's/[\\"]/\\&/g'; }

# Whose headers are sent from now on: those of staff, of nobody, or of the administrator of the client.
as_staff() { cp "$tmp/staff" "$tmp/headers"; }
as_nobody() { printf 'X-Tenant: %s\n' "$name" >"$tmp/headers"; }
as_admin() { cp "$tmp/admin" "$tmp/headers"; }

# soon CALL…: repeats a call until it gets its answer, for 20 seconds at most. An instance learns of a change a moment
# after it was made.
soon() {
  tries=0
  until (stop() { exit 1; }; "$@"); do
    tries=$((tries + 1))
    [ "$tries" -lt 20 ] || { "$@"; return; }
    sleep 1
  done
}

# follow ADDRESS: waits until an operation has ended; anything but success is the end.
follow() {
  curl -sS -N -f -H "@$tmp/headers" "$1/events" | grep '^data:' | tail -n 1 | sed 's/^data: *//' >"$tmp/event"
  [ "$(text state "$tmp/event")" = succeeded ] || stop "the operation did not succeed: $(cat "$tmp/event")"
}

# A RUC that nobody has: 20, eight digits of the clock and this process, and the check digit.
new_ruc() {
  digits=20$(printf '%08d' $((($(date +%s) * 37 + $$) % 100000000)))
  sum=0 rest=$digits
  for weight in 5 4 3 2 7 6 5 4 3 2; do
    tail=${rest#?}
    sum=$((sum + weight * ${rest%"$tail"}))
    rest=$tail
  done
  printf '%s%d' "$digits" $(((11 - sum % 11) % 10))
}

# login STATUS: the sign-in of the administrator, as a form.
login() {
  call "$1" POST "$api/auth/login" --data-urlencode "username@$tmp/user" --data-urlencode "password@$tmp/password"
}

name=usuarios-$(date +%s)-$$
: >"$tmp/headers"

say "1. Staff: sign in, and register the client $name with room for two users"
send 200 POST "$staff/auth/token" <<EOF
{"email": "$(quoted "$VIGIA_EMAIL")", "password": "$(quoted "$VIGIA_PASSWORD")"}
EOF
printf 'Authorization: Bearer %s\n' "$(text access_token)" >"$tmp/staff"
as_staff
send 202 POST "$staff/clientes" <<EOF
{"ruc": "$(new_ruc)", "razon_social": "Recorrido de usuarios S.A.C.", "subdominio": "$name",
 "correo_acceso": "$(quoted "$VIGIA_MAILBOX")", "plan": "basico", "entorno": "demo", "max_usuarios": 2}
EOF
id=$(number id)
follow "${VIGIA_URL%/}$(header Location)"
say "   client $id"

say "2. Staff: invite its administrator"
send 201 POST "$staff/clientes/$id/invitation" <<EOF
{}
EOF
say "   sent to $(text sent_to), works until $(text expires_at)"

say "3. Paste the link from the mail:"
read -r link
invitation=${link##*token=}

say "4. The administrator chooses a password with it"
printf '%s' "$VIGIA_MAILBOX" >"$tmp/user"
head -c 18 /dev/urandom | base64 | tr -d '\n' >"$tmp/password"
as_nobody
send 204 POST "$api/auth/invitation" <<EOF
{"token": "$invitation", "password": "$(quoted "$(cat "$tmp/password")")"}
EOF
say "   the link does not work again:"
send 410 POST "$api/auth/invitation" <<EOF
{"token": "$invitation", "password": "another password"}
EOF
say "   $(text code): $(text detail)"

say "5. The administrator signs in"
login 200
printf 'X-Tenant: %s\nAuthorization: Bearer %s\n' "$name" "$(text access_token)" >"$tmp/admin"
as_admin
call 200 GET "$api/auth/me"
say "   $(text email), $(text role)"
call 200 GET "$api/tenant"
say "   $(text razon_social), plan $(text plan), $(number usuarios) of $(number max_usuarios) users"

say "6. The administrator adds users until the limit answers"
send 201 POST "$api/users" <<EOF
{"email": "luis@$name.pe", "username": "luis", "password": "una frase de Luis", "roles": ["qf"]}
EOF
say "   $(text email)"
send 409 POST "$api/users" <<EOF
{"email": "marta@$name.pe", "username": "marta", "password": "una frase de Marta", "roles": ["qa"]}
EOF
[ "$(text code)" = limit_reached ] || stop "refused with $(text code)"
say "   $(text code): $(text detail)"

say "7. Staff: suspend the client. Its users are refused at once, and can't sign in"
as_staff
send 200 POST "$staff/clientes/$id/toggle" <<EOF
{"is_active": false, "reason_code": "falta_de_pago", "reason": "Recorrido de usuarios"}
EOF
as_admin
soon call 403 GET "$api/auth/me"
say "   $(text code): $(text detail)"
as_nobody
login 403

say "8. Staff: destroy the client"
as_staff
send 202 DELETE "$staff/clientes/$id?hard=true" <<EOF
{"confirm": "$name", "reason": "Fin del recorrido", "password": "$(quoted "$VIGIA_PASSWORD")", "retention_days": 0}
EOF
follow "${VIGIA_URL%/}$(header Location)"
as_nobody
soon login 404
say "   $(text code): $(text detail)"
say "Done."
