-- What begins or ends on a tenant reaches the pages of that tenant, and only them: the ids are tenant ids.
CREATE FUNCTION portal.notify_tenant_work() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.tenant_id IS NOT NULL THEN
        PERFORM pg_notify('vigia_tenant_work', NEW.tenant_id::text);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER vigia_tenant_work_insert AFTER INSERT ON portal.operations
    FOR EACH ROW EXECUTE FUNCTION portal.notify_tenant_work();
CREATE TRIGGER vigia_tenant_work_update AFTER UPDATE ON portal.operations FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.progress IS DISTINCT FROM NEW.progress
        OR OLD.error IS DISTINCT FROM NEW.error OR OLD.not_before IS DISTINCT FROM NEW.not_before)
    EXECUTE FUNCTION portal.notify_tenant_work();

-- The page of a tenant also shows the operations on many that did something to it.
CREATE TRIGGER vigia_tenant_work AFTER UPDATE ON portal.operation_items FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION portal.notify_tenant_work();

-- A new record reaches the open trails, also one that concerns no tenant.
CREATE FUNCTION portal.notify_audit() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_notify('vigia_audit', coalesce(NEW.tenant_id::text, ''));
    RETURN NULL;
END $$;
CREATE TRIGGER vigia_notify AFTER INSERT ON portal.audit_events
    FOR EACH ROW EXECUTE FUNCTION portal.notify_audit();
