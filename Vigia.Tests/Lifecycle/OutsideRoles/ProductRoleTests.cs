using System.Globalization;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Operations;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.OutsideRoles;

/// <summary>The role of the product's own back end: what it gets and what it never gets.</summary>
public sealed class ProductRoleTests(PostgresServer server) : ProductRoleTestBase(server)
{
    [Fact]
    public async Task NewTenant_GivesConnectAndTheRightsOfTenantsAndNothingElse()
    {
        var tenant = await ReadyAsync(NewName("producto"));
        await SyncedAsync();

        await using (var session = await OpenAsync(tenant.DatabaseName!, Role))
        {
            Assert.Equal(1L, await ReadAsync(session, "SELECT count(*) FROM users"));
            await DeniedAsync(session, "CREATE TABLE public.t ()");
            await DeniedAsync(session, "UPDATE public.tenant_limits SET max_usuarios = NULL");
            await DeniedAsync(session, "CREATE SCHEMA s");
        }

        await RefusedAsync(Host.Master.Database, Role);
        await using (var program = PythonProgram.Start("docs/product-role.py", ("TENANT_DB_TEMPLATE",
            string.Create(CultureInfo.InvariantCulture,
                $"postgresql+psycopg2://{Role}:{Password}@{Host.Master.Host}:{Host.Master.Port}/{{db_name}}"))))
        {
            var answer = await program.AskAsync(tenant.DatabaseName!, Cancellation);
            Assert.Equal((Role, 1), (answer.GetProperty("role").GetString(), answer.GetProperty("users").GetInt32()));
        }

        var proof = (await LastAsync(tenant))!;
        Assert.Contains(proof.Attempts, a => a is { Code: "outside_role", Outcome: AttemptOutcome.Wanted }
            && a.Target == Role && a.Detail == "CONNECT");
        Assert.Contains(proof.Attempts, a => a is { Code: "outside_role_beyond", Outcome: AttemptOutcome.Refused });
        Assert.True(proof.Verdict is IsolationVerdict.Held or IsolationVerdict.Reported, Lines(proof.Attempts));
    }

    [Fact]
    public async Task Proof_MoreThanConnectAndTheGroup_IsAFinding()
    {
        var tenant = await ReadyAsync(NewName("de-mas"));
        var database = tenant.DatabaseName!;
        var other = await MakeRoleAsync("LOGIN");
        (string Where, string Give, string Take, string Finding)[] wide =
        [
            ("postgres", $"ALTER ROLE {Role} CREATEDB", $"ALTER ROLE {Role} NOCREATEDB", "CREATEDB"),
            ("postgres", $"GRANT pg_read_all_data TO {Role}", $"REVOKE pg_read_all_data FROM {Role}",
                "GRANT pg_read_all_data"),
            ("postgres", $"GRANT vigia_tenant TO {Role} WITH ADMIN OPTION",
                $"REVOKE ADMIN OPTION FOR vigia_tenant FROM {Role} CASCADE", "ADMIN OPTION vigia_tenant"),
            ("postgres", $"GRANT {Role} TO {other}", $"REVOKE {Role} FROM {other}", $"MEMBER {other}"),
            ("postgres", $"GRANT CONNECT ON DATABASE \"{Host.Master.Database}\" TO {Role}",
                $"REVOKE CONNECT ON DATABASE \"{Host.Master.Database}\" FROM {Role}",
                $"CONNECT ON DATABASE {Host.Master.Database}"),
            ("postgres", $"GRANT CREATE ON TABLESPACE pg_default TO {Role}",
                $"REVOKE CREATE ON TABLESPACE pg_default FROM {Role}", "pg_tablespace"),
        ];
        foreach (var (where, give, take, finding) in wide)
        {
            await AsSuperuserAsync(where, give);
            var proof = await TryAsync(tenant);
            await AsSuperuserAsync(where, take);

            // The whole server has the problem, so no tenant is stopped because of it.
            Assert.True(IsolationVerdict.Reported == proof.Verdict, Lines(proof.Attempts));
            var found = Assert.Single(proof.Attempts, a => a.Code == "outside_role_wide");
            Assert.StartsWith(finding, found.Detail, StringComparison.Ordinal);
        }

        (string Where, string Give, string Take, string Finding)[] grants =
        [
            ("postgres", $"GRANT CREATE ON DATABASE \"{database}\" TO {Role}",
                $"REVOKE CREATE ON DATABASE \"{database}\" FROM {Role}", "CREATE"),
            ("postgres", $"GRANT CONNECT ON DATABASE \"{database}\" TO {Role} WITH GRANT OPTION",
                $"REVOKE GRANT OPTION FOR CONNECT ON DATABASE \"{database}\" FROM {Role}",
                "CONNECT WITH GRANT OPTION"),
            (database, $"GRANT TRUNCATE ON public.users TO {Role}", $"REVOKE TRUNCATE ON public.users FROM {Role}",
                "pg_class"),
        ];
        foreach (var (where, give, take, finding) in grants)
        {
            await AsSuperuserAsync(where, give);
            var proof = await TryAsync(tenant);
            await AsSuperuserAsync(where, take);

            Assert.Equal(IsolationVerdict.Broken, proof.Verdict);
            var found = Assert.Single(proof.Attempts, a => a.Code == "outside_role_beyond");
            Assert.Equal(AttemptOutcome.GotThrough, found.Outcome);
            Assert.StartsWith(finding, found.Detail, StringComparison.Ordinal);
        }

        await AsSuperuserAsync("postgres", $"GRANT CONNECT ON DATABASE \"{database}\" TO {other}");
        var unlisted = await TryAsync(tenant);
        await AsSuperuserAsync("postgres", $"REVOKE CONNECT ON DATABASE \"{database}\" FROM {other}");
        Assert.Equal(IsolationVerdict.Broken, unlisted.Verdict);
        Assert.Contains(unlisted.Attempts, a => a is { Code: "outside_role_unlisted" } && a.Target == other);

        await AsSuperuserAsync("postgres", $"REVOKE CONNECT ON DATABASE \"{database}\" FROM {Role}");
        var without = await TryAsync(tenant);
        Assert.Equal(IsolationVerdict.Reported, without.Verdict);
        Assert.Contains(without.Attempts,
            a => a is { Code: "outside_role_without", Outcome: AttemptOutcome.GotThrough } && a.Target == Role);
    }

    [Fact]
    public async Task Restore_FromTheTrash_GivesItBack()
    {
        var tenant = await ReadyAsync(NewName("vuelve"), "demo");
        await SyncedAsync();
        await DeleteAsync(tenant);

        var restored = await Host.EndOfAsync(
            await Host.Get<TrashService>().RestoreAsync(Host.Admin, tenant.Id, null, Cancellation));

        Assert.True(restored.State == OperationState.Succeeded, $"{restored.Error}");
        await using var session = await OpenAsync(tenant.DatabaseName!, Role);
        Assert.Equal(1L, await ReadAsync(session, "SELECT count(*) FROM users"));
    }

    [Fact]
    public async Task Start_UnfitRole_IsRefusedAndSaysWhy()
    {
        var tenant = await ReadyAsync(NewName("propio"));
        (string Role, string Why)[] unfit =
        [
            (await MakeRoleAsync("SUPERUSER LOGIN"), "SUPERUSER"),
            (await MakeRoleAsync("CREATEROLE LOGIN"), "CREATEROLE"), (await MakeRoleAsync("NOLOGIN"), "can't log in"),
            (await MakeRoleAsync("LOGIN NOINHERIT"), "does not inherit"),
            (await MakeRoleAsync("LOGIN IN ROLE pg_read_all_settings"), "pg_read_all_settings"),
            ("vigia_no_such_role", "has no role"), (PostgresServer.PortalRole, "role of the portal itself"),
            ((await RoleOfAsync(tenant))!, "role of the portal itself"),
        ];
        foreach (var (role, why) in unfit)
        {
            var refused = await Assert.ThrowsAsync<StartupException>(() => CoreHost.StartAsync(
                Server, workers: false, master: Host.Master, change: settings => settings with
                {
                    ProductDatabaseRole = role,
                }));
            Assert.Contains("PRODUCT_DB_ROLE", refused.Message, StringComparison.Ordinal);
            Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        }
    }
}
