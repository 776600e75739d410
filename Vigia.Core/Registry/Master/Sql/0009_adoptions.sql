-- The page of a tenant shows how far the adoption of its database is. A confirmation changes no other row.
CREATE FUNCTION portal.notify_adoption() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_notify('vigia_tenants', NEW.tenant_id::text);
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION portal.notify_adoption() FROM PUBLIC;
CREATE TRIGGER vigia_notify AFTER INSERT OR UPDATE ON portal.adoptions FOR EACH ROW
    EXECUTE FUNCTION portal.notify_adoption();
