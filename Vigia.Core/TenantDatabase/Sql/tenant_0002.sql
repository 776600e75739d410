-- What the model can't say of the complete schema: references of columns that were free until now, limits, the audit trigger, seeds and rights.

-- These two columns were there before the tables they refer to, so rows may hold keys that lead nowhere. New values are checked; old ones stay.
DO $$
BEGIN
    ALTER TABLE public.users ADD CONSTRAINT "FK_users_empleados_empleado_id"
        FOREIGN KEY (empleado_id) REFERENCES public.empleados (id) ON DELETE RESTRICT NOT VALID;
    ALTER TABLE public.surveillance_alerts ADD CONSTRAINT "FK_surveillance_alerts_fuentes_vigilancia_source_id"
        FOREIGN KEY (source_id) REFERENCES public.fuentes_vigilancia (id) ON DELETE SET NULL NOT VALID;
    BEGIN
        ALTER TABLE public.users VALIDATE CONSTRAINT "FK_users_empleados_empleado_id";
    EXCEPTION WHEN foreign_key_violation THEN
        RAISE NOTICE 'users.empleado_id has values without an employee; they stay as they are';
    END;
    BEGIN
        ALTER TABLE public.surveillance_alerts VALIDATE CONSTRAINT "FK_surveillance_alerts_fuentes_vigilancia_source_id";
    EXCEPTION WHEN foreign_key_violation THEN
        RAISE NOTICE 'surveillance_alerts.source_id has values without a source; they stay as they are';
    END;
END $$;

-- Limits (facts 7.9). The counter and its maximum are one row, so that one conditional UPDATE decides: under READ COMMITTED the second writer sees
-- what the first one left, under the stricter levels it fails with 40001 and tries again.

CREATE FUNCTION public.lima_month(at timestamptz) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$ SELECT date_trunc('month', at AT TIME ZONE 'America/Lima')::date $$;

CREATE FUNCTION public.count_against_limit(which text, month date, amount bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
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

CREATE FUNCTION public.count_active() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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

-- What was issued stays counted: a document is annulled, never taken back into a draft or away (demonstration data may go; it stays counted).
CREATE FUNCTION public.count_issued() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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

CREATE FUNCTION public.stamp_issued() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.estado <> 'borrador' AND NOT OLD.es_demo THEN
            RAISE EXCEPTION 'an issued document is annulled, not deleted' USING ERRCODE = 'restrict_violation', TABLE = 'comprobantes';
        END IF;
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.estado <> 'borrador' THEN
        IF NEW.estado = 'borrador' THEN
            RAISE EXCEPTION 'an issued document is annulled, not made a draft again' USING ERRCODE = 'restrict_violation', TABLE = 'comprobantes', COLUMN = 'estado';
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

CREATE FUNCTION public.copy_limits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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
    RAISE EXCEPTION 'TRUNCATE of % is refused: its rows are counted against a limit', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

INSERT INTO public.tenant_usage (limite, usado, maximo)
SELECT 'max_usuarios', (SELECT count(*) FROM public.users WHERE is_active), max_usuarios FROM public.tenant_limits
UNION ALL
SELECT 'max_establecimientos', 0, max_establecimientos FROM public.tenant_limits;

DO $$
DECLARE
    counted text;
BEGIN
    FOREACH counted IN ARRAY ARRAY['users', 'establecimientos'] LOOP
        EXECUTE format('CREATE TRIGGER %1$I AFTER INSERT ON public.%2$I REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.count_active(%3$L)',
            counted || '_count_insert', counted, CASE counted WHEN 'users' THEN 'max_usuarios' ELSE 'max_establecimientos' END);
        EXECUTE format('CREATE TRIGGER %1$I AFTER UPDATE ON public.%2$I REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.count_active(%3$L)',
            counted || '_count_update', counted, CASE counted WHEN 'users' THEN 'max_usuarios' ELSE 'max_establecimientos' END);
        EXECUTE format('CREATE TRIGGER %1$I AFTER DELETE ON public.%2$I REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION public.count_active(%3$L)',
            counted || '_count_delete', counted, CASE counted WHEN 'users' THEN 'max_usuarios' ELSE 'max_establecimientos' END);
    END LOOP;
    CREATE TRIGGER comprobantes_stamp BEFORE INSERT OR UPDATE OR DELETE ON public.comprobantes FOR EACH ROW EXECUTE FUNCTION public.stamp_issued();
    CREATE TRIGGER comprobantes_count_insert AFTER INSERT ON public.comprobantes REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.count_issued();
    CREATE TRIGGER comprobantes_count_update AFTER UPDATE ON public.comprobantes REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.count_issued();
    CREATE TRIGGER tenant_limits_copy AFTER INSERT OR UPDATE ON public.tenant_limits FOR EACH ROW EXECUTE FUNCTION public.copy_limits();
    FOREACH counted IN ARRAY ARRAY['users', 'establecimientos', 'comprobantes'] LOOP
        EXECUTE format('CREATE TRIGGER %1$I BEFORE TRUNCATE ON public.%2$I FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate()', counted || '_no_truncate', counted);
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

    -- Written by a statement, the depth is 1; from inside another trigger it is more. The tenant's role can make no trigger.
    NEW.source := CASE WHEN pg_trigger_depth() > 1 THEN 'trigger' ELSE 'application' END;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_log_stamp BEFORE INSERT ON public.audit_log FOR EACH ROW EXECUTE FUNCTION public.stamp_record();

CREATE FUNCTION public.record_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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
        'calendario_ips', 'cap_asistencias', 'cap_certificados', 'cap_materiales', 'cap_programas', 'cap_sesiones', 'clients', 'comprobantes', 'configuracion',
        'destinatarios_vigilancia', 'documento_categorias', 'documento_firmas', 'documento_versiones', 'documentos', 'empleados', 'establecimientos',
        'fuentes_vigilancia', 'icsr', 'icsr_antecedentes', 'icsr_causalidad', 'icsr_duplicados', 'icsr_envios_digemid', 'icsr_events', 'icsr_products', 'icsr_pruebas',
        'icsr_seguimiento_mensajes', 'icsr_seguimiento_plan', 'ips_fuentes', 'ips_productos', 'ips_reportes', 'products', 'programaciones_vigilancia', 'senal_casos',
        'senales', 'surveillance_alerts', 'users'
    ] LOOP
        EXECUTE format('CREATE TRIGGER %1$I AFTER INSERT OR UPDATE OR DELETE ON public.%2$I FOR EACH ROW EXECUTE FUNCTION public.record_change(%3$s)',
            recorded || '_record', recorded, CASE recorded WHEN 'users' THEN '''hashed_password''' WHEN 'documento_firmas' THEN '''otp_hash''' ELSE '' END);
    END LOOP;
    FOREACH recorded IN ARRAY ARRAY[
        'calendario_ips', 'comprobantes', 'configuracion', 'documentos', 'empleados', 'establecimientos', 'icsr', 'ips_reportes', 'programaciones_vigilancia', 'senales'
    ] LOOP
        EXECUTE format('CREATE TRIGGER %1$I BEFORE UPDATE ON public.%2$I FOR EACH ROW EXECUTE FUNCTION public.touch_updated_at()', recorded || '_touch_updated_at', recorded);
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

-- Rights: DML on what is the tenant's, reading only where a trigger or a migration writes.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.lima_month(timestamptz) TO vigia_tenant;
GRANT SELECT, INSERT, UPDATE, DELETE ON
    public.calendario_ips, public.cap_asistencias, public.cap_certificados, public.cap_materiales, public.cap_programas, public.cap_sesiones, public.comprobantes,
    public.configuracion, public.correo_ingesta, public.destinatarios_vigilancia, public.documento_categorias, public.documento_firmas, public.documento_versiones,
    public.documentos, public.empleados, public.establecimientos, public.fuentes_vigilancia, public.icsr_antecedentes, public.icsr_causalidad, public.icsr_correlativos,
    public.icsr_duplicados, public.icsr_envios_digemid, public.icsr_pruebas, public.icsr_seguimiento_mensajes, public.icsr_seguimiento_plan, public.ips_fuentes,
    public.ips_productos, public.ips_reportes, public.meddra_terminos, public.meddra_versiones, public.programaciones_vigilancia, public.senal_casos, public.senales TO vigia_tenant;
GRANT SELECT ON public.tenant_usage TO vigia_tenant;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO vigia_tenant;
