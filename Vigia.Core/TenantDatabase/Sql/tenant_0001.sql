-- What the model can't say: case-insensitive uniqueness, the triggers, and the rights of the group of all tenants.

-- Sign-in is by username or e-mail, case-insensitive (facts 5), so uniqueness is too.
CREATE UNIQUE INDEX users_email_key ON public.users (lower(email));
CREATE UNIQUE INDEX users_username_key ON public.users (lower(username));

CREATE FUNCTION public.touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END $$;
CREATE TRIGGER users_touch_updated_at BEFORE UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION public.touch_updated_at();

-- users.roles is what is written (facts 7.2); user_roles follows it, as its owner, because the tenant's role may not write it.
CREATE FUNCTION public.sync_user_roles() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE unknown text;
BEGIN
    SELECT r INTO unknown FROM unnest(NEW.roles) AS r WHERE NOT EXISTS (SELECT FROM public.roles WHERE name = r) LIMIT 1;
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'role % does not exist', quote_literal(unknown) USING ERRCODE = 'foreign_key_violation', COLUMN = 'roles', TABLE = 'users';
    END IF;
    DELETE FROM public.user_roles WHERE user_id = NEW.id AND role_id NOT IN (SELECT id FROM public.roles WHERE name = ANY (NEW.roles));
    INSERT INTO public.user_roles (user_id, role_id) SELECT NEW.id, id FROM public.roles WHERE name = ANY (NEW.roles) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER users_sync_roles AFTER INSERT OR UPDATE OF roles ON public.users FOR EACH ROW EXECUTE FUNCTION public.sync_user_roles();
ALTER TABLE public.users ENABLE ALWAYS TRIGGER users_sync_roles;

-- The audit log only grows, whoever writes.
CREATE FUNCTION public.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: it is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON public.audit_log FOR EACH ROW EXECUTE FUNCTION public.refuse_change();
CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

-- Rights: DML on what is the tenant's, reading only where the portal or a trigger writes; no DDL, no TRUNCATE (invariant 4).
REVOKE ALL ON SCHEMA public FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO vigia_tenant;
GRANT SELECT, INSERT, UPDATE, DELETE ON
    public.users, public.icsr, public.icsr_products, public.icsr_events, public.products, public.clients, public.surveillance_alerts TO vigia_tenant;
GRANT SELECT ON public.roles, public.user_roles, public.tenant_limits, public."__EFMigrationsHistory" TO vigia_tenant;
GRANT SELECT, INSERT ON public.audit_log TO vigia_tenant;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO vigia_tenant;
