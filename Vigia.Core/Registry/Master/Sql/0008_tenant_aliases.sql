-- A host has no case, so an alias from a registry that was taken over is compared in lower case.
CREATE INDEX ix_tenant_aliases_lower_name ON portal.tenant_aliases (lower(name));

-- Two names that differ in case only do not meet in the unique index. A program that writes names shares this lock,
-- however many it writes, and a rename takes it alone. It is taken before the unique index is: the other order would be
-- a deadlock.
CREATE FUNCTION portal.lock_alias() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.subdominio IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.subdominio IS DISTINCT FROM OLD.subdominio) THEN
        PERFORM pg_advisory_xact_lock_shared(6217766061413990403);
    END IF;
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION portal.lock_alias() FROM PUBLIC;
CREATE TRIGGER vigia_lock_alias BEFORE INSERT OR UPDATE OF subdominio ON public.clientes_saas FOR EACH ROW
    EXECUTE FUNCTION portal.lock_alias();

-- Whatever program writes it, a sub-domain that is another client's alias is taken. The trigger runs after the unique
-- index has waited for a rename under way, so that it sees the alias which that rename has made. The product's roles
-- have no right in this schema: this function alone reads there for them.
CREATE FUNCTION portal.check_alias() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.subdominio IS NOT DISTINCT FROM OLD.subdominio THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT FROM portal.tenant_aliases a WHERE lower(a.name) = lower(NEW.subdominio)
               AND a.tenant_id <> NEW.id AND a.ends_at > clock_timestamp()) THEN
        RAISE EXCEPTION 'the sub-domain "%" is kept for the client that had it before', NEW.subdominio
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'vigia_subdominio_alias', TABLE = 'clientes_saas',
                SCHEMA = 'public';
    END IF;
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION portal.check_alias() FROM PUBLIC;
CREATE TRIGGER vigia_check_alias AFTER INSERT OR UPDATE OF subdominio ON public.clientes_saas FOR EACH ROW
    EXECUTE FUNCTION portal.check_alias();
