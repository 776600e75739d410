-- The text that searches look in: dots vanish (S.A.C. is sac), other punctuation is a blank. SafeText.SearchPunctuation
-- has the same characters. Whitespace that is not a blank becomes one too.
CREATE OR REPLACE FUNCTION portal.search_text(ruc text, razon_social text, subdominio text, correo_acceso text)
    RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT translate(
    portal.fold(coalesce(ruc, '') || ' ' || coalesce(razon_social, '') || ' ' || coalesce(subdominio, '')
        || ' ' || coalesce(correo_acceso, '')),
    E'!"#$%&''()*+,-/:;<=>?@[\\]^_`{|}~¡¢£¤¥¦§¨©«¬®¯°±´¶·¸»¿×÷‐‑‒–—―‘’‚“”„†‡•…‹›€™\t\r\n\u00a0.',
    repeat(' ', 78)) $$;

-- The single characters and the pairs of characters of a text: the index of the text itself finds words of three
-- characters and more.
CREATE FUNCTION portal.grams(folded text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    letters text[] := string_to_array(folded, NULL);
    seen    text := ' ';
    gram    text;
BEGIN
    FOR i IN 1 .. coalesce(array_length(letters, 1), 0) LOOP
        CONTINUE WHEN letters[i] = ' ';
        gram := letters[i] || ' ';
        IF strpos(seen, ' ' || gram) = 0 THEN
            seen := seen || gram;
        END IF;
        CONTINUE WHEN letters[i + 1] = ' ';
        gram := letters[i] || letters[i + 1] || ' ';
        IF strpos(seen, ' ' || gram) = 0 THEN
            seen := seen || gram;
        END IF;
    END LOOP;
    RETURN string_to_array(btrim(seen), ' ');
END $$;

-- Emptied first: computing the new column for all rows would keep the product from its table. The start fills it again,
-- a few rows at a time (RegistryFill).
DELETE FROM portal.tenant_search;
ALTER TABLE portal.tenant_search ADD COLUMN grams text[] NOT NULL GENERATED ALWAYS AS (portal.grams(folded)) STORED;
CREATE INDEX ix_tenant_search_grams ON portal.tenant_search USING gin (grams);

-- The filters and orders of the list of tenants.
CREATE INDEX ix_clientes_saas_listed ON public.clientes_saas (id)
    WHERE inactive_kind IS NULL OR inactive_kind <> 'withdrawn';
CREATE INDEX ix_clientes_saas_plan ON public.clientes_saas (plan, id);
CREATE INDEX ix_clientes_saas_plan_name ON public.clientes_saas (plan, razon_social COLLATE "es-PE-x-icu", id);
CREATE INDEX ix_clientes_saas_state ON public.clientes_saas (state, id);
CREATE INDEX ix_clientes_saas_state_name ON public.clientes_saas (state, razon_social COLLATE "es-PE-x-icu", id);
CREATE INDEX ix_clientes_saas_inactive ON public.clientes_saas (razon_social COLLATE "es-PE-x-icu", id)
    WHERE inactive_kind IS NOT NULL OR NOT is_active;
CREATE INDEX ix_clientes_saas_demo ON public.clientes_saas (razon_social COLLATE "es-PE-x-icu", id)
    WHERE entorno = 'demo';

-- How many databases have which version.
CREATE INDEX ix_clientes_saas_versions ON public.clientes_saas (schema_version, state) WHERE schema_version IS NOT NULL;

-- The results of an operation on many, in the order of its page, and filtered by state.
CREATE INDEX ix_operation_items_state ON portal.operation_items (
    operation_id, state, name COLLATE "es-PE-x-icu", tenant_id);
CREATE INDEX ix_operation_items_shown ON portal.operation_items (
    operation_id, (CASE WHEN state = 'failed' THEN 0 WHEN state = 'skipped' THEN 1 ELSE 2 END),
    name COLLATE "es-PE-x-icu", tenant_id);
