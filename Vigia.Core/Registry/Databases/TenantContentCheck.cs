using System.Globalization;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Postgres;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.Registry.Databases;

/// <summary>
/// Checks that the content of a database is what the portal made for one tenant. New databases also carry their marker
/// inside, as the comment of schema <c>public</c>. A dump includes that comment, so a restored copy says whose it is.
/// </summary>
public static class TenantContentCheck
{
    private const string ForeignOwnersSql = """
        SELECT string_agg(DISTINCT pg_get_userbyid(o.owner)::text, ', ') FROM (
            SELECT relowner AS owner FROM pg_class WHERE relnamespace = 'public'::regnamespace
            UNION ALL SELECT proowner FROM pg_proc WHERE pronamespace = 'public'::regnamespace) AS o
        WHERE o.owner <> (SELECT oid FROM pg_roles WHERE rolname = current_user)
        """;

    private const string MissingGrantsSql = """
        SELECT string_agg(t, ', ' ORDER BY t)
        FROM unnest($1) AS t, LATERAL (SELECT to_regclass('public.' || quote_ident(t))::oid AS oid) AS c
        WHERE c.oid IS NOT NULL AND has_table_privilege(to_regrole($2)::oid, c.oid, 'SELECT') IS NOT TRUE
        """;

    /// <summary>Writes the marker into the content of the session's database.</summary>
    public static async Task WriteMarkerAsync(
        NpgsqlConnection session, string marker, CancellationToken cancellationToken) =>
        await MasterDatabase.ExecuteAsync(
            session, "COMMENT ON SCHEMA public IS " + SqlLiteral.Quote(marker), cancellationToken);

    /// <summary>Checks the content. Changes nothing.</summary>
    /// <param name="session">A session of the portal's own role inside the database.</param>
    /// <param name="versions">The versions of this build.</param>
    /// <param name="marker">The marker of the tenant's database.</param>
    /// <param name="accessEmail">The tenant's address, which identifies a copy without its comments.</param>
    /// <returns>The version of the database's schema.</returns>
    /// <exception cref="RuleException">
    /// <c>content_no_schema</c>, <c>schema_newer</c>, <c>schema_incomplete</c>, <c>content_of_another</c>,
    /// <c>content_unknown</c>, <c>content_no_admin</c>, <c>content_owner</c>, <c>content_grants</c>.
    /// </exception>
    public static async Task<int> DemandAsync(
        NpgsqlConnection session, TenantSchemaVersions versions, string marker, string? accessEmail,
        CancellationToken cancellationToken)
    {
        var version = await versions.ReadAsync(session, cancellationToken);
        if (version == 0 || await ReadAsync(
            session, "SELECT (to_regclass('public.users') IS NOT NULL)::text", cancellationToken) != "true")
        {
            throw new RuleException("content_no_schema");
        }

        if (version > versions.Head)
        {
            throw new RuleException("schema_newer");
        }

        await DemandIdentityAsync(session, marker, accessEmail, cancellationToken);
        if (await ReadAsync(session, ForeignOwnersSql, cancellationToken) is { } owners)
        {
            throw new RuleException("content_owner", owners,
                await ReadAsync(session, "SELECT current_user::text", cancellationToken) ?? "");
        }

        if (version == versions.Head)
        {
            await TenantMigrator.VerifyTablesAsync(session, cancellationToken);
        }

        var tables = TenantModel.Types.Select(TenantModel.TableOf).ToArray();
        if (await ReadAsync(session, MissingGrantsSql, cancellationToken, tables, RoleDdl.TenantGroup) is { } missing)
        {
            throw new RuleException("content_grants", missing, RoleDdl.TenantGroup);
        }

        return version;
    }

    private static async Task DemandIdentityAsync(
        NpgsqlConnection session, string marker, string? accessEmail, CancellationToken cancellationToken)
    {
        var signed = await ReadAsync(
            session, "SELECT obj_description('public'::regnamespace, 'pg_namespace')", cancellationToken);
        if (signed is not null && signed.StartsWith(DatabaseMarker.Prefix, StringComparison.Ordinal)
            && signed != marker)
        {
            throw new RuleException("content_of_another", signed);
        }

        var admins = await ReadAsync(session,
            "SELECT nullif(count(*), 0)::text FROM public.users WHERE 'admin' = ANY (roles)", cancellationToken);
        if (admins is null)
        {
            throw new RuleException("content_no_admin");
        }

        if (signed != marker && await ReadAsync(
                session, "SELECT 'known' WHERE EXISTS (SELECT FROM public.users WHERE lower(email) = ANY ($1))",
                    cancellationToken, (object)EmailAddress.Forms(accessEmail ?? "")) is null)
        {
            throw new RuleException("content_unknown", string.Create(
                CultureInfo.InvariantCulture, $"COMMENT ON SCHEMA public IS {SqlLiteral.Quote(marker)};"));
        }
    }

    private static async Task<string?> ReadAsync(
        NpgsqlConnection session, string sql, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, session);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }
}
