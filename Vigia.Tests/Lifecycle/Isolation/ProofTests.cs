using System.Globalization;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Isolation;

/// <summary>
/// A proof as an operation: before a tenant becomes active and on request, with the records that it leaves.
/// </summary>
public sealed class ProofTests(PostgresServer server) : IsolationTestBase(server)
{
    /// <summary>No database is more likely than another, whatever their ages and wherever their hashes lie.</summary>
    [Fact]
    public async Task Sample_OfManyDatabases_IsUniform()
    {
        const int Count = 300;
        const int Samples = 400;
        await AsSuperuserAsync(
            Host.Master.Database,
            $"""
            INSERT INTO portal.databases (id, server_id, name, kind, created_at)
            SELECT ('01990000-' || lpad(to_hex(i), 4, '0') || '-7000-8000-000000000000')::uuid, 1, 'muestra_' || i,
                'beside', now()
            FROM generate_series(1, {Count}) i
            """);
        await using var catalogue = await PostgresServer.OpenAsync(Host.Master, Cancellation);
        var chosen = new int[Count + 1];
        for (var i = 0; i < Samples; i++)
        {
            foreach (var choice in await ProofScope.SampleAsync(catalogue, 1, sample: 10, Cancellation))
            {
                if (choice.Name.StartsWith("muestra_", StringComparison.Ordinal))
                {
                    chosen[int.Parse(choice.Name["muestra_".Length..], CultureInfo.InvariantCulture)]++;
                }
            }
        }

        await AsSuperuserAsync(Host.Master.Database, "DELETE FROM portal.databases WHERE name LIKE 'muestra_%'");
        var each = chosen.Skip(1).ToList();
        var usual = each.Average();
        Assert.InRange(usual, 20, 28);
        Assert.All(each, times => Assert.InRange(times, usual / 5, usual * 3));

        // The oldest third, the middle and the newest.
        Assert.All(each.Chunk(Count / 3), third => Assert.InRange(third.Average(), usual * 0.85, usual * 1.15));
    }

    [Fact]
    public async Task Proof_DuringProvisioningAndOnDemand_IsStored()
    {
        await ReadyAsync(NewName("vecino"));
        var tenant = await ReadyAsync(NewName("nuevo"));

        var first = (await LastAsync(tenant))!;
        Assert.Equal((ProofCause.Provisioning, await RoleOfAsync(tenant)), (first.Cause, first.RoleName));
        Assert.True(first.Verdict is IsolationVerdict.Held or IsolationVerdict.Reported, Lines(first.Attempts));
        Assert.All(first.Attempts.Where(a => a.Outcome == AttemptOutcome.NotTried),
            a => Assert.Equal(IsolationAttempt.NotApplicable, a.Detail));
        Assert.Contains(first.Attempts,
            a => a is { Code: "connect_tenant", Outcome: AttemptOutcome.Refused, SqlState: "42501" });
        Assert.Contains(first.Attempts,
            a => a is { Code: "wrong_password", Outcome: AttemptOutcome.Refused, SqlState: "28P01" });
        Assert.Contains(first.Attempts, a => a is { Code: "empty_password", Outcome: AttemptOutcome.Refused });
        Assert.Contains(first.Attempts, a => a is { Code: "connect_template", Outcome: AttemptOutcome.Refused });
        Assert.Empty(first.Attempts.Select(a => a.Code).Except(ProbeCatalogue.Codes));

        var operation = await ProveAsync(tenant);

        Assert.Equal((OperationState.Succeeded, "prove"), (operation.State, operation.Steps.Single().Name));
        var history = await Service.HistoryAsync(Host.Support, tenant.Id, 10, Cancellation);
        Assert.Equal([ProofCause.Manual, ProofCause.Provisioning], history.Select(p => p.Cause));
        Assert.Equal(history[0].Id, (await LastAsync(tenant))!.Id);
        Assert.Equal(first.Attempts.Count,
            (await Service.FindAsync(Host.Support, tenant.Id, first.Id, Cancellation))!.Attempts.Count);
        Assert.Equal(1, await RecordsAsync(tenant.Id, "isolation.proof_requested"));
        Assert.Equal(0, await RecordsAsync(tenant.Id, "isolation.broken"));
        Assert.Empty(await Service.BrokenAsync(Host.Support, Cancellation));

        // Other programs read the column too.
        Assert.Equal("refused 42501", await Host.ScalarAsync<string>(
            Host.Master.Database,
            $"""
            SELECT a ->> 'outcome' || ' ' || (a ->> 'sqlstate')
            FROM portal.isolation_proofs, jsonb_array_elements(attempts) a
            WHERE is_last AND tenant_id = {tenant.Id} AND a ->> 'code' = 'create_role'
            """));
    }

    [Fact]
    public async Task Proof_Broken_FailsAndRaisesAnAlarmUntilItHolds()
    {
        var tenant = await ReadyAsync(NewName("roto"));
        var role = await RoleOfAsync(tenant);
        await AsSuperuserAsync("postgres", $"GRANT pg_read_server_files TO {role}");

        var operation = await ProveAsync(tenant);

        Assert.Equal((OperationState.Failed,
            new Message("isolation_broken",
            "member_of (pg_read_server_files), copy_from_file, set_role (pg_read_server_files)")),
            (operation.State, operation.Error));
        Assert.Equal(IsolationVerdict.Broken, (await LastAsync(tenant))!.Verdict);
        Assert.Equal(1, await RecordsAsync(tenant.Id, "isolation.broken"));
        Assert.Equal([(tenant.Id, tenant.LegalName!)],
            (await Service.BrokenAsync(Host.Support, Cancellation)).Select(b => (b.TenantId, b.Name)));

        // A person whose scope is another tenant does not see it.
        var auditor = Host.Admin with { Roles = [StaffRoles.Auditor], TenantScope = [tenant.Id + 1] };
        Assert.Empty(await Service.BrokenAsync(auditor, Cancellation));
        Assert.Null(await Service.LastAsync(auditor, tenant.Id, Cancellation));
        await AssertRefusedAsync("tenant_unknown", () => Service.ProveAsync(auditor, tenant.Id, Cancellation));
        await Assert.ThrowsAsync<ForbiddenException>(() => Service.ProveAllAsync(auditor, Cancellation));

        await AsSuperuserAsync("postgres", $"REVOKE pg_read_server_files FROM {role}");
        await Host.Get<OperationService>().RetryAsync(Host.Admin, operation.Id, Cancellation);

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(operation.Id)).State);
        Assert.Empty(await Service.BrokenAsync(Host.Support, Cancellation));
        Assert.Equal(1, await RecordsAsync(tenant.Id, "isolation.holds_again"));
    }

    [Fact]
    public async Task Proof_ReadByALimitedAuditor_HidesNamesOfOthers()
    {
        var other = await ReadyAsync(NewName("ajeno"));
        var tenant = await ReadyAsync(NewName("suyo"));
        var auditor = Host.Admin with { Roles = [StaffRoles.Auditor], TenantScope = [tenant.Id] };

        var seen = (await Service.LastAsync(auditor, tenant.Id, Cancellation))!;

        Assert.Contains((await LastAsync(tenant))!.Attempts, a => a.Target == other.DatabaseName);
        Assert.Contains(seen.Attempts, a => a.Code == "connect_tenant");
        Assert.DoesNotContain(
            seen.Attempts, a => $"{a.Target} {a.Detail}".Contains(other.Subdomain!, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Provisioning_MasterOpenToAll_FailsAndContinuesWhenClosed()
    {
        await AsSuperuserAsync("postgres", $"GRANT CONNECT ON DATABASE \"{Host.Master.Database}\" TO PUBLIC");
        var registered = await Host.Get<TenantRegistration>()
            .RegisterAsync(Host.Admin, Request(NewName("abierto"), r => r with { Provision = true }), Cancellation);

        var failed = await Host.EndOfAsync(registered.OperationId!.Value);

        Assert.Equal((OperationState.Failed, "isolation_broken"), (failed.State, failed.Error?.Code));
        Assert.Contains("connect_master", failed.Error!.Args[0], StringComparison.Ordinal);
        var row = await RowAsync(registered.TenantId);
        Assert.Equal((TenantState.Failed, false), (row.State, row.IsActive));

        await AsSuperuserAsync("postgres", $"REVOKE CONNECT ON DATABASE \"{Host.Master.Database}\" FROM PUBLIC");
        await Host.Get<OperationService>().RetryAsync(Host.Admin, failed.Id, Cancellation);

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(failed.Id)).State);
        Assert.Equal(TenantState.Ready, (await RowAsync(registered.TenantId)).State);
    }

    [Fact]
    public async Task Provisioning_ForeignDatabaseOpenToAll_NamesItAndItsRemedy()
    {
        var open = await ReadyAsync(NewName("abierto"));
        await AsSuperuserAsync("postgres", $"GRANT CONNECT ON DATABASE \"{open.DatabaseName}\" TO PUBLIC");
        var registered = await Host.Get<TenantRegistration>()
            .RegisterAsync(Host.Admin, Request(NewName("cerca"), r => r with { Provision = true }), Cancellation);
        var failed = await Host.EndOfAsync(registered.OperationId!.Value);
        Assert.Equal((OperationState.Failed, "isolation_broken"), (failed.State, failed.Error?.Code));
        Assert.DoesNotContain(open.DatabaseName!, failed.Error!.Render(), StringComparison.Ordinal);

        var auditor = new Actor(
            Guid.NewGuid(), "Aurora Auditora", null, [StaffRoles.Auditor])
        { TenantScope = [registered.TenantId] };
        Assert.Empty(IsolationRemedies.Of((await Service.OfOperationAsync(auditor, failed.Id, Cancellation))!));
        var closing = IsolationRemedies.Of((await Service.OfOperationAsync(Host.Admin, failed.Id, Cancellation))!);
        Assert.Contains($"\"{open.DatabaseName}\"", Assert.Single(closing), StringComparison.Ordinal);

        await AsSuperuserAsync("postgres", closing[0]);
        await Host.Get<OperationService>().RetryAsync(Host.Admin, failed.Id, Cancellation);
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(failed.Id)).State);
    }

    [Fact]
    public async Task Proof_NotEverythingCouldBeTried_IsUnknown()
    {
        var tenant = await ReadyAsync(NewName("lleno"));
        var role = await RoleOfAsync(tenant);

        // The role's only session is the one that the proof uses. Whether something else lets the role in can't be
        // checked.
        await AsSuperuserAsync("postgres", $"ALTER ROLE {role} CONNECTION LIMIT 1");
        var without = await TryAsync(tenant);
        Assert.Equal(IsolationVerdict.Unknown, without.Verdict);
        Assert.Contains(without.Attempts, a => a is { Code: "wrong_password" });
        Assert.Contains(without.Attempts, a => a is { Outcome: AttemptOutcome.NotTried, SqlState: "53300" });

        // No session is left for the role, so the proof tries nothing. The server needs a moment to end the sessions of
        // the proof.
        await Eventually.HoldsAsync("no session is open", async () => await Host.ScalarAsync<long>(
            "postgres", $"SELECT count(*) FROM pg_stat_activity WHERE usename = '{role}'") == 0, Cancellation);
        await using (await Host.Get<TenantConnections>().OpenAsync(tenant.Id, tenant.DatabaseName!, Cancellation))
        {
            var full = await ProveAsync(tenant);
            Assert.Equal((OperationState.Failed, "isolation_unknown"), (full.State, full.Error?.Code));
            Assert.Equal(["own_login"], (await LastAsync(tenant))!.Attempts.Select(a => a.Code));
        }

        await AsSuperuserAsync(
            "postgres",
            $"ALTER ROLE {role} CONNECTION LIMIT 100; "
            + $"ALTER DATABASE \"{tenant.DatabaseName}\" ALLOW_CONNECTIONS false");
        var closed = await TryAsync(tenant);
        Assert.Equal((IsolationVerdict.Unknown, "55000"), (closed.Verdict, closed.Attempts.Single().SqlState));
        Assert.Empty(await Service.BrokenAsync(Host.Admin, Cancellation));
    }

    [Fact]
    public async Task Prove_TenantNotReady_IsRefused()
    {
        var registered = await RegisterAsync(NewName("anotado"));

        await AssertRefusedAsync("not_ready", () => Service.ProveAsync(Host.Admin, registered, Cancellation));
        await AssertRefusedAsync("tenant_unknown", () => Service.ProveAsync(Host.Admin, 999_999, Cancellation));
    }
}
