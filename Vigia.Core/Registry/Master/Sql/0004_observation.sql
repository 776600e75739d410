-- What is stored about the databases of tenants, so that no page and no list asks a server for it.

-- Pages and lists read portal.observed_databases instead.
DROP VIEW portal.server_databases;

-- A tenant that becomes ready has a database that was just verified, whatever was seen before. Its content has to be
-- counted. The rows are written here, so that no code that makes a tenant ready can forget them. The function runs with
-- the rights of its owner: the product needs none in this schema.
CREATE FUNCTION portal.expect_database() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO portal.observed_databases AS o (server_id, name, is_present, changed_at)
    SELECT NEW.server_id, NEW.db_name, true, clock_timestamp() FROM portal.database_servers s WHERE s.id = NEW.server_id
    ON CONFLICT (server_id, name) DO UPDATE
    SET is_present = true, refusal = NULL, remedy = NULL, changed_at = EXCLUDED.changed_at
    WHERE NOT o.is_present OR o.refusal IS NOT NULL;
    INSERT INTO portal.tenant_contents (tenant_id, due_at) VALUES (NEW.id, clock_timestamp()) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION portal.expect_database() FROM PUBLIC;
CREATE TRIGGER vigia_expect_database AFTER UPDATE ON public.clientes_saas FOR EACH ROW
    WHEN (NEW.state = 'ready' AND NEW.db_name IS NOT NULL AND NEW.server_id IS NOT NULL
          AND (OLD.state, OLD.db_name, OLD.server_id) IS DISTINCT FROM (NEW.state, NEW.db_name, NEW.server_id))
    EXECUTE FUNCTION portal.expect_database();
CREATE TRIGGER vigia_expect_database_insert AFTER INSERT ON public.clientes_saas FOR EACH ROW
    WHEN (NEW.state = 'ready' AND NEW.db_name IS NOT NULL AND NEW.server_id IS NOT NULL)
    EXECUTE FUNCTION portal.expect_database();

INSERT INTO portal.tenant_contents (tenant_id, due_at)
SELECT id, now() FROM public.clientes_saas WHERE state = 'ready';

-- A database that vanishes, comes back, or gets its first size reaches every page that shows its tenant. A size that
-- only grows does not: the next look shows it.
CREATE FUNCTION portal.notify_observation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('vigia_tenants', t.id::text) FROM public.clientes_saas t
    WHERE t.db_name = NEW.name AND t.server_id = NEW.server_id;
    RETURN NULL;
END $$;
CREATE TRIGGER vigia_notify_insert AFTER INSERT ON portal.observed_databases FOR EACH ROW
    WHEN (NOT NEW.is_present OR NEW.refusal IS NOT NULL) EXECUTE FUNCTION portal.notify_observation();
CREATE TRIGGER vigia_notify_update AFTER UPDATE ON portal.observed_databases FOR EACH ROW
    WHEN ((OLD.is_present, OLD.refusal, OLD.size_bytes IS NULL)
        IS DISTINCT FROM (NEW.is_present, NEW.refusal, NEW.size_bytes IS NULL))
    EXECUTE FUNCTION portal.notify_observation();

-- So does the first count of its content.
CREATE FUNCTION portal.notify_content() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('vigia_tenants', NEW.tenant_id::text);
    RETURN NULL;
END $$;
CREATE TRIGGER vigia_notify AFTER UPDATE ON portal.tenant_contents FOR EACH ROW
    WHEN (OLD.counted_at IS NULL AND NEW.counted_at IS NOT NULL) EXECUTE FUNCTION portal.notify_content();
