-- Staff are never deleted (21 CFR 11.100(a): a name in the trail is one person's for ever).
CREATE FUNCTION portal.refuse_staff_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Staff are never deleted; disable instead' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER vigia_never_deleted BEFORE DELETE ON portal.staff FOR EACH ROW EXECUTE FUNCTION portal.refuse_staff_removal();
CREATE TRIGGER vigia_no_truncate BEFORE TRUNCATE ON portal.staff FOR EACH STATEMENT EXECUTE FUNCTION portal.refuse_staff_removal();

-- Who held which role when, whoever changes the memberships.
CREATE FUNCTION portal.record_role_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO portal.staff_role_grants (staff_id, role, "from")
        SELECT NEW.user_id, r.name, clock_timestamp() FROM portal.staff_roles r WHERE r.id = NEW.role_id;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        UPDATE portal.staff_role_grants g SET until = clock_timestamp()
        FROM portal.staff_roles r WHERE r.id = OLD.role_id AND g.staff_id = OLD.user_id AND g.role = r.name AND g.until IS NULL;
    END IF;
    RETURN NULL;
END $$;
INSERT INTO portal.staff_role_grants (staff_id, role, "from")
SELECT m.user_id, r.name, s.created_at FROM portal.staff_role_members m JOIN portal.staff_roles r ON r.id = m.role_id JOIN portal.staff s ON s.id = m.user_id;
CREATE TRIGGER vigia_role_history AFTER INSERT OR DELETE ON portal.staff_role_members FOR EACH ROW EXECUTE FUNCTION portal.record_role_grant();

-- A grant is ended once and then stays as it is; so does what a role meant.
CREATE FUNCTION portal.refuse_history_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.until IS NULL AND NEW.until IS NOT NULL AND to_jsonb(OLD) - 'until' = to_jsonb(NEW) - 'until' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% on % is refused: it is history', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER vigia_history BEFORE UPDATE OR DELETE ON portal.staff_role_grants FOR EACH ROW EXECUTE FUNCTION portal.refuse_history_change();
CREATE TRIGGER vigia_history BEFORE UPDATE OR DELETE ON portal.role_rights FOR EACH ROW EXECUTE FUNCTION portal.refuse_history_change();
