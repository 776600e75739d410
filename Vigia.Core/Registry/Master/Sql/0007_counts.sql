-- The panel counts all tenants from this index alone.
CREATE INDEX ix_clientes_saas_figures ON public.clientes_saas (state, is_active, inactive_kind, plan);

-- Tenants whose contract or demo has ended, and those that the next night ends.
CREATE INDEX ix_clientes_saas_expires ON public.clientes_saas (expires_at, id) WHERE expires_at IS NOT NULL;

-- For the sample of a proof: an order that knows neither time nor name.
CREATE INDEX ix_databases_sample ON portal.databases (server_id, kind, uuid_hash_extended(id, 0));
