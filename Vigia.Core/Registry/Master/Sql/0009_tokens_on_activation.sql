-- Opening a tenant again ends tokens too. A sign-in that began before the tenant was closed may end a moment after it,
-- and its token is younger than the closing. A demo whose time is over is closed although is_active is still true, so
-- another end opens it. A tenant that gets its first database has no tokens.
CREATE OR REPLACE TRIGGER vigia_end_tokens BEFORE UPDATE ON public.clientes_saas FOR EACH ROW
    WHEN (OLD.subdominio IS DISTINCT FROM NEW.subdominio
        OR (coalesce(OLD.is_active, true) AND NOT NEW.is_active)
        OR (NOT OLD.is_active AND coalesce(NEW.is_active, true) AND OLD.state NOT IN ('registered', 'provisioning'))
        OR (OLD.expires_at <= clock_timestamp() AND coalesce(NEW.expires_at > clock_timestamp(), true)))
    EXECUTE FUNCTION portal.end_tokens();
