-- An adoption of many that is under way has the approved names in its data, where each list of operations read them.
UPDATE portal.operation_items i SET database_name = o.data -> 'Databases' ->> i.tenant_id::text
FROM portal.operations o WHERE o.id = i.operation_id AND o.kind = 'adopt_tenants';
UPDATE portal.operations SET data = data - 'Databases' WHERE kind = 'adopt_tenants';
