-- Counts a try to sign in before its password is looked at. One row is locked, so that simultaneous tries are counted
-- one after another. Tries of the past are forgotten one by one. From the last free try on, each begins a wait that
-- doubles; a try during the wait is not taken and not counted.
CREATE FUNCTION portal.take_sign_in_try(
    counter bytea, at timestamptz, free integer, forgets interval, first_wait interval, longest_wait interval,
    OUT failures integer, OUT blocked_until timestamptz, OUT taken boolean)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    present record;
    elapsed numeric;
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
    failures := present.failures - floor(least(elapsed, present.failures))::integer + 1;
    blocked_until := CASE WHEN failures >= free
        THEN at + least(longest_wait, first_wait * power(2, least(failures - free, 20))) END;
    taken := true;
    UPDATE portal.sign_in_tries t
        SET failures = take_sign_in_try.failures, last_at = at, blocked_until = take_sign_in_try.blocked_until
        WHERE t.key = counter;
END $$;
