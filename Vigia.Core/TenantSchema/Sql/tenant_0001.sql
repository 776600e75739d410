-- What the model can't say: case-insensitive uniqueness, the triggers, and the rights of the group of all tenants.

-- User names and e-mail addresses are unique without regard to case. See docs/rules.md#tenant-sign-in.
CREATE UNIQUE INDEX users_email_key ON public.users (lower(email));
CREATE UNIQUE INDEX users_username_key ON public.users (lower(username));

CREATE FUNCTION public.touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END $$;
CREATE TRIGGER users_touch_updated_at BEFORE UPDATE ON public.users FOR EACH ROW
    EXECUTE FUNCTION public.touch_updated_at();

-- This function runs as its owner, because the tenant's role may not write user_roles. See docs/rules.md#user-roles.
CREATE FUNCTION public.sync_user_roles() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE unknown text;
BEGIN
    SELECT r INTO unknown FROM unnest(NEW.roles) AS r
        WHERE NOT EXISTS (SELECT FROM public.roles WHERE name = r) LIMIT 1;
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'role % does not exist', quote_literal(unknown)
            USING ERRCODE = 'foreign_key_violation', COLUMN = 'roles', TABLE = 'users';
    END IF;
    DELETE FROM public.user_roles
        WHERE user_id = NEW.id AND role_id NOT IN (SELECT id FROM public.roles WHERE name = ANY (NEW.roles));
    INSERT INTO public.user_roles (user_id, role_id)
        SELECT NEW.id, id FROM public.roles WHERE name = ANY (NEW.roles) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER users_sync_roles AFTER INSERT OR UPDATE OF roles ON public.users FOR EACH ROW
    EXECUTE FUNCTION public.sync_user_roles();
ALTER TABLE public.users ENABLE ALWAYS TRIGGER users_sync_roles;

-- The audit log only grows, whoever writes.
CREATE FUNCTION public.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: it is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON public.audit_log FOR EACH ROW
    EXECUTE FUNCTION public.refuse_change();
CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON public.audit_log FOR EACH STATEMENT
    EXECUTE FUNCTION public.refuse_change();

-- Limits (docs/rules.md#limits). The counter and its maximum are one row, so that one conditional UPDATE decides: under
-- READ COMMITTED the second writer sees what the first one left, under the stricter levels it fails with 40001 and
-- tries again.

CREATE FUNCTION public.lima_month(at timestamptz) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT date_trunc('month', at AT TIME ZONE 'America/Lima')::date $$;

CREATE FUNCTION public.count_against_limit(which text, month date, amount bigint) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    used integer;
    most integer;
BEGIN
    IF amount = 0 THEN
        RETURN;
    END IF;
    LOOP
        UPDATE public.tenant_usage SET usado = usado + amount
        WHERE limite = which AND periodo = month AND (amount < 0 OR maximo IS NULL OR usado + amount <= maximo);
        IF FOUND THEN
            RETURN;
        END IF;
        SELECT usado, maximo INTO used, most FROM public.tenant_usage WHERE limite = which AND periodo = month;
        IF FOUND THEN
            RAISE EXCEPTION '% reached: % of % in use', which, used, most USING
                ERRCODE = 'VL001', COLUMN = which, TABLE = 'tenant_limits',
                HINT = 'The limit is part of the contract: raise it in the portal, or free what is in use.';
        END IF;

        -- The first of a month. The share lock makes a change of the limits come before or after, never between.
        INSERT INTO public.tenant_usage (limite, periodo, maximo)
        SELECT which, month, CASE WHEN limitar_emision THEN max_comprobantes END FROM public.tenant_limits FOR SHARE
        ON CONFLICT DO NOTHING;
    END LOOP;
END $$;

CREATE FUNCTION public.count_active() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    amount bigint := 0;
BEGIN
    IF TG_OP <> 'DELETE' THEN
        amount := (SELECT count(*) FROM new_rows WHERE is_active);
    END IF;
    IF TG_OP <> 'INSERT' THEN
        amount := amount - (SELECT count(*) FROM old_rows WHERE is_active);
    END IF;
    PERFORM public.count_against_limit(TG_ARGV[0], '-infinity', amount);
    RETURN NULL;
END $$;

-- What was issued stays counted: a document is annulled, never taken back into a draft or away (demonstration data may
-- go; it stays counted).
CREATE FUNCTION public.count_issued() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    amount bigint;
BEGIN
    amount := (SELECT count(*) FROM new_rows WHERE estado <> 'borrador');
    IF TG_OP = 'UPDATE' THEN
        amount := amount - (SELECT count(*) FROM old_rows WHERE estado <> 'borrador');
    END IF;
    PERFORM public.count_against_limit('max_comprobantes', public.lima_month(now()), amount);
    RETURN NULL;
END $$;

-- An issued document of the demonstration data may be deleted, any other is annulled. So whether it is one is the
-- portal's to say, which owns the table.
CREATE FUNCTION public.stamp_issued() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.estado <> 'borrador' AND NOT OLD.es_demo THEN
            RAISE EXCEPTION 'an issued document is annulled, not deleted'
                USING ERRCODE = 'restrict_violation', TABLE = 'comprobantes';
        END IF;
        RETURN OLD;
    END IF;
    IF NOT pg_has_role(session_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE') THEN
        NEW.es_demo := TG_OP = 'UPDATE' AND OLD.es_demo;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.estado <> 'borrador' THEN
        IF NEW.estado = 'borrador' THEN
            RAISE EXCEPTION 'an issued document is annulled, not made a draft again'
                USING ERRCODE = 'restrict_violation', TABLE = 'comprobantes', COLUMN = 'estado';
        END IF;
        NEW.emitido_en := OLD.emitido_en;
        NEW.periodo := OLD.periodo;
        NEW.es_demo := OLD.es_demo;
    ELSIF NEW.estado = 'borrador' THEN
        NEW.emitido_en := NULL;
        NEW.periodo := NULL;
    ELSE
        NEW.emitido_en := now();
        NEW.periodo := public.lima_month(now());
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION public.copy_limits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.tenant_usage SET maximo = CASE limite
        WHEN 'max_usuarios' THEN NEW.max_usuarios
        WHEN 'max_establecimientos' THEN NEW.max_establecimientos
        WHEN 'max_comprobantes' THEN CASE WHEN NEW.limitar_emision THEN NEW.max_comprobantes END
    END
    WHERE periodo = '-infinity' OR periodo >= public.lima_month(now());
    RETURN NULL;
END $$;

CREATE FUNCTION public.refuse_truncate() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'TRUNCATE of % is refused: its rows are counted against a limit', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

INSERT INTO public.tenant_usage (limite) VALUES ('max_usuarios'), ('max_establecimientos');

DO $$
DECLARE
    counted text;
BEGIN
    FOREACH counted IN ARRAY ARRAY['users', 'establecimientos'] LOOP
        EXECUTE format(
            'CREATE TRIGGER %1$I AFTER INSERT ON public.%2$I REFERENCING NEW TABLE AS new_rows
             FOR EACH STATEMENT EXECUTE FUNCTION public.count_active(%3$L)',
            counted || '_count_insert', counted,
            CASE counted WHEN 'users' THEN 'max_usuarios' ELSE 'max_establecimientos' END);
        EXECUTE format(
            'CREATE TRIGGER %1$I AFTER UPDATE ON public.%2$I REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
             FOR EACH STATEMENT EXECUTE FUNCTION public.count_active(%3$L)',
            counted || '_count_update', counted,
            CASE counted WHEN 'users' THEN 'max_usuarios' ELSE 'max_establecimientos' END);
        EXECUTE format(
            'CREATE TRIGGER %1$I AFTER DELETE ON public.%2$I REFERENCING OLD TABLE AS old_rows
             FOR EACH STATEMENT EXECUTE FUNCTION public.count_active(%3$L)',
            counted || '_count_delete', counted,
            CASE counted WHEN 'users' THEN 'max_usuarios' ELSE 'max_establecimientos' END);
    END LOOP;
    CREATE TRIGGER comprobantes_stamp BEFORE INSERT OR UPDATE OR DELETE ON public.comprobantes FOR EACH ROW
        EXECUTE FUNCTION public.stamp_issued();
    CREATE TRIGGER comprobantes_count_insert AFTER INSERT ON public.comprobantes REFERENCING NEW TABLE AS new_rows
        FOR EACH STATEMENT EXECUTE FUNCTION public.count_issued();
    CREATE TRIGGER comprobantes_count_update AFTER UPDATE ON public.comprobantes
        REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
        FOR EACH STATEMENT EXECUTE FUNCTION public.count_issued();
    CREATE TRIGGER tenant_limits_copy AFTER INSERT OR UPDATE ON public.tenant_limits FOR EACH ROW
        EXECUTE FUNCTION public.copy_limits();
    FOREACH counted IN ARRAY ARRAY['users', 'establecimientos', 'comprobantes'] LOOP
        EXECUTE format(
            'CREATE TRIGGER %1$I BEFORE TRUNCATE ON public.%2$I FOR EACH STATEMENT
             EXECUTE FUNCTION public.refuse_truncate()', counted || '_no_truncate', counted);
    END LOOP;
END $$;

-- What every tenant starts with, before changes are recorded: it is the same everywhere and made by the schema.
INSERT INTO public.documento_categorias (codigo, nombre, descripcion) VALUES
    ('POE', 'Procedimiento operativo estándar', 'Cómo se hace cada actividad de farmacovigilancia.'),
    ('PD', 'Procedimiento documentado', 'Procedimientos del sistema de gestión documental (PD-FMV).'),
    ('FO', 'Formato', 'Formatos y registros (FO-FMV).'),
    ('MANUAL', 'Manual', 'Manual del sistema de farmacovigilancia.'),
    ('PLAN', 'Plan', 'Planes de gestión de riesgos, de farmacovigilancia y de capacitación.'),
    ('IPS', 'Informe periódico de seguridad', 'Informes periódicos y sus anexos.'),
    ('ICSR', 'Documento de un caso', 'Notificaciones, correos y documentos fuente de un caso.'),
    ('CAPACITACION', 'Capacitación', 'Materiales, listas de asistencia y certificados.'),
    ('REGULATORIO', 'Regulatorio', 'Resoluciones, cargos y comunicaciones de la autoridad.'),
    ('LEGAL', 'Legal', 'Contratos, acuerdos de farmacovigilancia y expedientes.'),
    ('OTRO', 'Otro', NULL);

INSERT INTO public.programaciones_vigilancia (scope, cron) VALUES ('national', NULL), ('external', NULL);

INSERT INTO public.configuracion (clave, valor, descripcion) VALUES
    ('general.idioma', '"es-PE"', 'Idioma de la interfaz.'),
    ('general.zona_horaria', '"America/Lima"', 'Zona horaria en la que se muestran las fechas.'),
    ('icsr.prefijo', '"LAB"', 'Prefijo del código interno de los casos.'),
    ('icsr.duplicado_desde', '80', 'Puntaje desde el que dos casos se consideran duplicados.'),
    ('icsr.revisar_desde', '45', 'Puntaje desde el que dos casos se revisan como posibles duplicados.'),
    ('seguimiento.dias', '[0, 30, 60, 90]', 'Días, desde la recepción, en los que se intenta completar un caso.'),
    ('causalidad.metodo', '"Karch-Lasagna"', 'Método de causalidad propuesto.'),
    ('documentos.otp_minutos', '10', 'Minutos que vale el código de una firma electrónica.'),
    ('vigilancia.avisar', 'false', 'Si se avisa a los destinatarios de lo que la vigilancia encuentra.'),
    ('ingesta.activa', 'false', 'Si se lee el buzón de notificaciones.');

-- The audit log: what was written is stamped by the database, and a trigger records every change of a regulated table.

CREATE FUNCTION public.stamp_record() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.created_at := now();
    NEW.db_role := session_user;

    -- Written by a statement, the depth is 1; from inside another trigger it is more. The tenant's role can make no
    -- trigger.
    NEW.source := CASE WHEN pg_trigger_depth() > 1 THEN 'trigger' ELSE 'application' END;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_log_stamp BEFORE INSERT ON public.audit_log FOR EACH ROW EXECUTE FUNCTION public.stamp_record();

CREATE FUNCTION public.record_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    row_id text := coalesce(new_row, old_row) ->> 'id';
    acting text := current_setting('vigia.user_id', true);
    secret text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT jsonb_object_agg(o.key, o.value), jsonb_object_agg(o.key, new_row -> o.key) INTO old_row, new_row
        FROM jsonb_each(old_row) AS o
        WHERE o.value IS DISTINCT FROM new_row -> o.key AND o.key <> 'updated_at';
        IF old_row IS NULL THEN
            RETURN NULL;
        END IF;
    END IF;

    -- That a secret changed is recorded, never the secret.
    FOREACH secret IN ARRAY coalesce(TG_ARGV, ARRAY[]::text[]) LOOP
        old_row := CASE WHEN old_row ? secret THEN old_row || jsonb_build_object(secret, '***') ELSE old_row END;
        new_row := CASE WHEN new_row ? secret THEN new_row || jsonb_build_object(secret, '***') ELSE new_row END;
    END LOOP;

    INSERT INTO public.audit_log (user_id, actor, action, entity, entity_id, trace_id, before, after)
    VALUES (
        CASE WHEN acting ~ '^[0-9]{1,9}$' THEN acting::integer END,
        left(coalesce(nullif(current_setting('vigia.actor', true), ''), session_user), 255),
        TG_OP, TG_TABLE_NAME, row_id, left(nullif(current_setting('vigia.trace_id', true), ''), 64), old_row, new_row);
    RETURN NULL;
END $$;

DO $$
DECLARE
    recorded text;
BEGIN
    FOREACH recorded IN ARRAY ARRAY[
        'calendario_ips', 'cap_asistencias', 'cap_certificados', 'cap_materiales', 'cap_programas', 'cap_sesiones',
        'clients', 'comprobantes', 'configuracion', 'destinatarios_vigilancia', 'documento_categorias',
        'documento_firmas', 'documento_versiones', 'documentos', 'empleados', 'establecimientos', 'fuentes_vigilancia',
        'icsr', 'icsr_antecedentes', 'icsr_causalidad', 'icsr_duplicados', 'icsr_envios_digemid', 'icsr_events',
        'icsr_products', 'icsr_pruebas', 'icsr_seguimiento_mensajes', 'icsr_seguimiento_plan', 'ips_fuentes',
        'ips_productos', 'ips_reportes', 'products', 'programaciones_vigilancia', 'senal_casos', 'senales',
        'surveillance_alerts', 'users'
    ] LOOP
        EXECUTE format(
            'CREATE TRIGGER %1$I AFTER INSERT OR UPDATE OR DELETE ON public.%2$I FOR EACH ROW
             EXECUTE FUNCTION public.record_change(%3$s)',
            recorded || '_record', recorded,
            CASE recorded WHEN 'users' THEN '''hashed_password'''
                WHEN 'documento_firmas' THEN '''otp_hash''' ELSE '' END);
    END LOOP;
    FOREACH recorded IN ARRAY ARRAY[
        'calendario_ips', 'comprobantes', 'configuracion', 'documentos', 'empleados', 'establecimientos', 'icsr',
        'ips_reportes', 'programaciones_vigilancia', 'senales'
    ] LOOP
        EXECUTE format(
            'CREATE TRIGGER %1$I BEFORE UPDATE ON public.%2$I FOR EACH ROW
             EXECUTE FUNCTION public.touch_updated_at()', recorded || '_touch_updated_at', recorded);
    END LOOP;
END $$;

-- No setting of a session turns them off: not even session_replication_role = replica.
DO $$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT tgrelid::regclass AS of_table, tgname FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid
             WHERE NOT tgisinternal AND c.relnamespace = 'public'::regnamespace LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', t.of_table, t.tgname);
    END LOOP;
END $$;

-- Rights: DML on what is the tenant's, reading only where the portal, a trigger or a migration writes; no DDL, no
-- TRUNCATE (docs/rules.md#one-tenant-one-database).
REVOKE ALL ON SCHEMA public FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO vigia_tenant;
GRANT EXECUTE ON FUNCTION public.lima_month(timestamptz) TO vigia_tenant;
GRANT SELECT, INSERT, UPDATE, DELETE ON
    public.calendario_ips, public.cap_asistencias, public.cap_certificados, public.cap_materiales,
    public.cap_programas, public.cap_sesiones, public.clients, public.comprobantes, public.configuracion,
    public.correo_ingesta, public.destinatarios_vigilancia, public.documento_categorias, public.documento_firmas,
    public.documento_versiones, public.documentos, public.empleados, public.establecimientos,
    public.fuentes_vigilancia, public.icsr, public.icsr_antecedentes, public.icsr_causalidad,
    public.icsr_correlativos, public.icsr_duplicados, public.icsr_envios_digemid, public.icsr_events,
    public.icsr_products, public.icsr_pruebas, public.icsr_seguimiento_mensajes, public.icsr_seguimiento_plan,
    public.ips_fuentes, public.ips_productos, public.ips_reportes, public.meddra_terminos, public.meddra_versiones,
    public.products, public.programaciones_vigilancia, public.senal_casos, public.senales, public.surveillance_alerts,
    public.users
    TO vigia_tenant;
GRANT SELECT ON public.roles, public.user_roles, public.tenant_limits, public.tenant_usage, public.audit_log,
    public."__EFMigrationsHistory" TO vigia_tenant;

-- What the database says of a record of the audit log (key, time, role and source) is not the role's to give. With
-- OVERRIDING SYSTEM VALUE it could choose a key that comes later: then the next change that is recorded failed.
GRANT INSERT (user_id, actor, action, entity, entity_id, trace_id, detail, before, after)
    ON public.audit_log TO vigia_tenant;

-- An identity column takes its value without any right on the sequence. USAGE would let the role draw values until
-- none were left; SELECT is what currval needs.
GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO vigia_tenant;
REVOKE ALL ON SEQUENCE public.audit_log_id_seq FROM vigia_tenant;
