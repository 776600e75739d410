-- As in 0003_doors.sql, but time that passed and forgot no whole try goes on counting, unless it was a wait. Otherwise
-- tries in short pauses would never be forgotten.
CREATE OR REPLACE FUNCTION portal.take_sign_in_try(
    counter bytea, at timestamptz, free integer, forgets interval, first_wait interval, longest_wait interval,
    OUT failures integer, OUT blocked_until timestamptz, OUT taken boolean)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    present record;
    elapsed numeric;
    forgotten integer;
BEGIN
    -- The update changes nothing. It locks the row, which a sign-in that succeeds may be deleting.
    INSERT INTO portal.sign_in_tries AS t (key, failures, last_at) VALUES (counter, 0, at)
        ON CONFLICT (key) DO UPDATE SET key = EXCLUDED.key
        RETURNING t.failures, t.last_at, t.blocked_until INTO present;
    IF present.blocked_until > at THEN
        failures := present.failures;
        blocked_until := present.blocked_until;
        taken := false;
        RETURN;
    END IF;
    elapsed := greatest(0, extract(epoch FROM at - present.last_at) / extract(epoch FROM forgets));
    forgotten := floor(least(elapsed, present.failures))::integer;
    failures := present.failures - forgotten + 1;
    blocked_until := CASE WHEN failures >= free
        THEN at + least(longest_wait, first_wait * power(2, least(failures - free, 20))) END;
    taken := true;
    UPDATE portal.sign_in_tries t
        SET failures = take_sign_in_try.failures, blocked_until = take_sign_in_try.blocked_until,
            last_at = CASE WHEN forgotten = present.failures THEN at
                ELSE greatest(present.last_at + forgotten * forgets, present.blocked_until) END
        WHERE t.key = counter;
END $$;

-- The panel counts all tenants from this index alone.
CREATE INDEX ix_clientes_saas_figures ON public.clientes_saas (state, is_active, inactive_kind, plan);

-- Tenants whose contract or demo has ended, and those that the next night ends.
CREATE INDEX ix_clientes_saas_expires ON public.clientes_saas (expires_at, id) WHERE expires_at IS NOT NULL;

-- For the sample of a proof: an order that knows neither time nor name.
CREATE INDEX ix_databases_sample ON portal.databases (server_id, kind, uuid_hash_extended(id, 0));
