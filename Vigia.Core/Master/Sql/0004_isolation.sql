-- A proof reaches every page that shows its client, and the bands that say what is wrong.
CREATE FUNCTION portal.notify_isolation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('vigia_tenants', NEW.tenant_id::text);
    RETURN NULL;
END $$;
CREATE TRIGGER vigia_notify AFTER INSERT ON portal.isolation_proofs FOR EACH ROW EXECUTE FUNCTION portal.notify_isolation();

-- A login role that is made, replaced or dropped: the page of a client shows its login roles.
CREATE FUNCTION portal.notify_credential() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('vigia_tenants', coalesce(NEW.tenant_id, OLD.tenant_id)::text);
    RETURN NULL;
END $$;
CREATE TRIGGER vigia_notify AFTER INSERT OR UPDATE OR DELETE ON portal.tenant_credentials FOR EACH ROW EXECUTE FUNCTION portal.notify_credential();
