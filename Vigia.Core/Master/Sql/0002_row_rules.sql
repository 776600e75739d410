-- PostgreSQL judges a NOT VALID constraint again with every UPDATE of a row, whatever column changes: a row that broke a rule before we came
-- could be changed by nobody any more, not by the product and not by us. A trigger judges what is written, and only that.
ALTER TABLE public.clientes_saas
    DROP CONSTRAINT vigia_ruc_digits,
    DROP CONSTRAINT vigia_subdominio_form,
    DROP CONSTRAINT vigia_entorno_known,
    DROP CONSTRAINT vigia_limits_not_negative;

CREATE FUNCTION portal.check_row() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE broken text;
BEGIN
    SELECT rule INTO broken FROM (VALUES
        ('vigia_ruc_digits', TG_OP = 'INSERT' OR NEW.ruc IS DISTINCT FROM OLD.ruc, NEW.ruc ~ '^[0-9]{11}$'),
        ('vigia_subdominio_form', TG_OP = 'INSERT' OR NEW.subdominio IS DISTINCT FROM OLD.subdominio, NEW.subdominio ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
        ('vigia_entorno_known', TG_OP = 'INSERT' OR NEW.entorno IS DISTINCT FROM OLD.entorno, NEW.entorno IN ('demo', 'produccion')),
        ('vigia_limits_not_negative', TG_OP = 'INSERT' OR NEW.max_comprobantes IS DISTINCT FROM OLD.max_comprobantes, NEW.max_comprobantes >= 0),
        ('vigia_limits_not_negative', TG_OP = 'INSERT' OR NEW.max_usuarios IS DISTINCT FROM OLD.max_usuarios, NEW.max_usuarios >= 0),
        ('vigia_limits_not_negative', TG_OP = 'INSERT' OR NEW.max_establecimientos IS DISTINCT FROM OLD.max_establecimientos, NEW.max_establecimientos >= 0)
    ) AS r(rule, written, holds) WHERE written AND holds IS FALSE LIMIT 1;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'new row for relation "clientes_saas" violates rule "%"', broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken, TABLE = 'clientes_saas', SCHEMA = 'public';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER vigia_check_row BEFORE INSERT OR UPDATE ON public.clientes_saas FOR EACH ROW EXECUTE FUNCTION portal.check_row();

-- The documentation calls the flags optional: whoever writes NULL gets what a new row has, or leaves what was there.
CREATE OR REPLACE FUNCTION portal.default_db_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.db_name := coalesce(NEW.db_name, 'vigia_' || NEW.subdominio);
        NEW.is_active := coalesce(NEW.is_active, true);
        NEW.limitar_emision := coalesce(NEW.limitar_emision, false);
    ELSE
        NEW.is_active := coalesce(NEW.is_active, OLD.is_active);
        NEW.limitar_emision := coalesce(NEW.limitar_emision, OLD.limitar_emision);
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER vigia_default_db_name ON public.clientes_saas;
ALTER FUNCTION portal.default_db_name() RENAME TO default_values;
CREATE TRIGGER vigia_default_values BEFORE INSERT OR UPDATE ON public.clientes_saas FOR EACH ROW EXECUTE FUNCTION portal.default_values();
