-- The audit trail names a service account by its id and its name, so that a name always means the same program.
CREATE FUNCTION portal.refuse_account_removal() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'Service accounts are never deleted; end them instead' USING ERRCODE = 'insufficient_privilege';
END $$;
REVOKE EXECUTE ON FUNCTION portal.refuse_account_removal() FROM PUBLIC;
CREATE TRIGGER vigia_never_deleted BEFORE DELETE ON portal.service_accounts FOR EACH ROW
    EXECUTE FUNCTION portal.refuse_account_removal();
CREATE TRIGGER vigia_no_truncate BEFORE TRUNCATE ON portal.service_accounts FOR EACH STATEMENT
    EXECUTE FUNCTION portal.refuse_account_removal();
