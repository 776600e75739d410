-- A tenant that the product registers must not inherit the tokens of another one that had its name
-- (docs/rules.md#tenant-tokens). Rows that are there keep what they have.
ALTER TABLE public.clientes_saas ALTER COLUMN tokens_valid_after SET DEFAULT now();

-- The product and psql close a tenant or give it another name with a plain UPDATE. That ends the tokens too: otherwise
-- they would work again when the tenant is opened again, or when another one gets the name. It runs after
-- vigia_default_values, which fills in a flag that is NULL.
CREATE FUNCTION portal.end_tokens() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.tokens_valid_after := greatest(NEW.tokens_valid_after, clock_timestamp());
    RETURN NEW;
END $$;
CREATE TRIGGER vigia_end_tokens BEFORE UPDATE ON public.clientes_saas FOR EACH ROW
    WHEN (OLD.subdominio IS DISTINCT FROM NEW.subdominio OR (coalesce(OLD.is_active, true) AND NOT NEW.is_active))
    EXECUTE FUNCTION portal.end_tokens();
