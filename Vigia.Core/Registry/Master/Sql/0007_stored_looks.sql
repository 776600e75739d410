-- What the portal shows of demonstration data and of the sessions of a role is counted with the other figures of a
-- tenant, and soon for those that were counted before there was such a figure.
UPDATE portal.tenant_contents SET due_at = now() WHERE due_at > now();

-- The managed tenants of the list, who may be few among the product's rows.
CREATE INDEX ix_clientes_saas_managed ON public.clientes_saas (razon_social COLLATE "es-PE-x-icu", id)
    WHERE state <> 'unmanaged';
