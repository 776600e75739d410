-- The page of service accounts follows them. Each use of a token is noted, at most once a minute.
CREATE FUNCTION portal.notify_service_account() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_notify('vigia_service_accounts', CASE TG_TABLE_NAME
        WHEN 'service_accounts' THEN to_jsonb(NEW) ->> 'id' ELSE to_jsonb(NEW) ->> 'account_id' END);
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION portal.notify_service_account() FROM PUBLIC;
CREATE TRIGGER vigia_notify AFTER INSERT OR UPDATE ON portal.service_accounts FOR EACH ROW
    EXECUTE FUNCTION portal.notify_service_account();
CREATE TRIGGER vigia_notify AFTER INSERT OR UPDATE ON portal.service_tokens FOR EACH ROW
    EXECUTE FUNCTION portal.notify_service_account();
