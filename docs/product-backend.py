"""How the product's own back end reaches the databases of its clients (docs/product.md).

One SQLAlchemy engine for each client, as the product has it. Where the client's database is, and with which role and
password to enter it, comes from the portal (GET clientes/{id}/conexion), with the token of a service account:

    VIGIA_URL=https://portal.example.com VIGIA_TOKEN=vga_... python3 docs/product-backend.py

Then each line with the number of a client is answered with one line of JSON. Needs SQLAlchemy 1.4 or 2 and psycopg2.
"""
import json
import os
import sys
import threading
import time
import urllib.request

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError

PORTAL = os.environ["VIGIA_URL"].rstrip("/")
TOKEN = os.environ["VIGIA_TOKEN"]

# A rotation ends when no session uses the former role any more, so no session may live for ever.
POOL_RECYCLE = int(os.environ.get("VIGIA_POOL_RECYCLE", "1800"))

# While a server is down, every request fails to connect. The portal is not asked for each of them.
ASK_AGAIN_AFTER = 1.0


def read_conexion(client_id):
    """Asks the portal. Never keep the answer in a file, a cache or a log: it contains a password."""
    request = urllib.request.Request(
        f"{PORTAL}/api/v1/admin/clientes/{client_id}/conexion", headers={"Authorization": f"Bearer {TOKEN}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        found = json.load(answer)
    return URL.create(
        "postgresql+psycopg2", username=found["user"], password=found["password"], host=found["host"],
        port=found["port"], database=found["database"])


class ClientEngines:
    """The engines of all clients. Safe to use from several threads."""

    def __init__(self):
        self._lock = threading.Lock()
        self._engines = {}
        self._asked = {}

    def connect(self, client_id):
        """Returns a connection to the client's database. Close it when the request ends."""
        engine = self._engine(client_id)
        try:
            return engine.connect()
        except OperationalError:
            # The log-in was refused (28P01) because the credential was rotated, or the server is away. psycopg2 does
            # not tell them apart: pgcode is None while there is no session. The portal knows whether there is a new
            # credential. If there is none, the error stands.
            renewed = self._renew(client_id, engine)
            if renewed is None:
                raise
            return renewed.connect()

    def _engine(self, client_id):
        with self._lock:
            if client_id not in self._engines:
                self._engines[client_id] = self._create(client_id)
            return self._engines[client_id]

    def _create(self, client_id):
        self._asked[client_id] = time.monotonic()
        return self._create_from(read_conexion(client_id))

    def _renew(self, client_id, refused):
        with self._lock:
            present = self._engines[client_id]
            if present is not refused:
                # Another thread was refused before, and has renewed it.
                return present
            if time.monotonic() - self._asked[client_id] < ASK_AGAIN_AFTER:
                return None
            self._asked[client_id] = time.monotonic()
            now = read_conexion(client_id)
            if now == refused.url:
                return None
            renewed = self._engines[client_id] = self._create_from(now)
        # Connections that are in use continue, and are closed when they are given back.
        refused.dispose()
        return renewed

    @staticmethod
    def _create_from(url):
        return create_engine(
            url, pool_pre_ping=True, pool_recycle=POOL_RECYCLE, pool_size=5, max_overflow=5)


def main():
    engines = ClientEngines()
    for line in sys.stdin:
        client_id = int(line)
        with engines.connect(client_id) as connection:
            role, users = connection.execute(text("SELECT current_user, (SELECT count(*) FROM users)")).one()
        print(json.dumps({"client": client_id, "role": role, "users": users}), flush=True)


if __name__ == "__main__":
    main()
