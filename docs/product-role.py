"""The product's own back end as it is, with one role for all clients: PRODUCT_DB_ROLE (docs/product.md).

    TENANT_DB_TEMPLATE=postgresql+psycopg2://vigia_backend:...@db.example.com:5432/{db_name} \\
        python3 docs/product-role.py

Then each line with the name of a client's database is answered with one line of JSON.
"""
import json
import os
import sys

from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

TEMPLATE = os.environ["TENANT_DB_TEMPLATE"]
ENGINES = {}


def get_tenant_engine(db_name):
    """One engine for each client, as the product caches them. A connection lives for 30 minutes at most."""
    if db_name not in ENGINES:
        ENGINES[db_name] = create_engine(
            TEMPLATE.replace("{db_name}", db_name), pool_pre_ping=True, pool_recycle=1800)
    return ENGINES[db_name]


def get_tenant_session(db_name):
    return Session(get_tenant_engine(db_name))


def main():
    for line in sys.stdin:
        db_name = line.strip()
        with get_tenant_session(db_name) as session:
            role, users = session.execute(text("SELECT current_user, (SELECT count(*) FROM users)")).one()
        print(json.dumps({"database": db_name, "role": role, "users": users}), flush=True)


if __name__ == "__main__":
    main()
