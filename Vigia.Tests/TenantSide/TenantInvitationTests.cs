using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.TenantSide;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.TenantSide;

/// <summary>The first administrator of a tenant sets a password with the link from the mail.</summary>
public sealed class TenantInvitationTests(TenantSideHost host) : IClassFixture<TenantSideHost>
{
    private const string Chosen = "una frase que recuerdo";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Invitation_FromTheMail_SetsThePasswordOnceAndIsRecordedOnBothSides()
    {
        var tenant = await host.TenantAsync("invitada");
        var token = TenantSideHost.TokenOf(await host.InvitedAsync(tenant.Id));
        using var nobody = host.Nobody(tenant.Name);
        var email = $"admin@{tenant.Name}.pe";
        (await nobody.LoginAsync(email, Chosen)).ExpectProblem(401, "credentials_wrong");

        Assert.Equal(204, (await nobody.PostAsync("auth/invitation", new { token, password = Chosen })).Status);

        (await nobody.LoginAsync(email, Chosen)).Expect(200);
        (await nobody.PostAsync("auth/invitation", new { token, password = "otra de un ladrón" }))
            .ExpectProblem(410, "invitation_gone");
        (await nobody.LoginAsync(email, Chosen)).Expect(200);
        await using var db = await host.Services.GetRequiredService<IDbContextFactory<MasterContext>>()
            .CreateDbContextAsync(Cancellation);
        Assert.NotNull((await db.Set<TenantInvitation>()
            .SingleAsync(i => i.TenantId == tenant.Id, Cancellation)).UsedAt);
        var record = await db.Set<AuditEvent>().SingleAsync(
            e => e.TenantId == tenant.Id && e.Action == "tenant.invitation_accepted", Cancellation);
        Assert.Equal((email, (Guid?)null), (record.ActorName, record.ActorId));
        Assert.DoesNotContain(Chosen, record.After!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invitation_UsedTwiceAtOnce_SetsOnePassword()
    {
        var tenant = await host.TenantAsync("carrera");
        var token = TenantSideHost.TokenOf(await host.InvitedAsync(tenant.Id));
        using var nobody = host.Nobody(tenant.Name);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            nobody.PostAsync("auth/invitation", new { token, password = $"frase número {i}" })));

        var first = Assert.Single(answers, answer => answer.Status == 204);
        Assert.All(answers.Where(answer => answer != first), answer => answer.ExpectProblem(410, "invitation_gone"));
        var won = Array.IndexOf(answers, first);
        (await nobody.LoginAsync($"admin@{tenant.Name}.pe", $"frase número {won}")).Expect(200);
    }

    [Fact]
    public async Task Invitation_ReplacedExpiredOrOfAnotherTenant_IsGone()
    {
        var (tenant, other) = (await host.TenantAsync("vieja"), await host.TenantAsync("ajena"));
        var first = TenantSideHost.TokenOf(await host.InvitedAsync(tenant.Id));
        var second = TenantSideHost.TokenOf(await host.InvitedAsync(tenant.Id));
        using var nobody = host.Nobody(tenant.Name);
        using var elsewhere = host.Nobody(other.Name);

        foreach (var (calls, token) in new[]
            { (nobody, first), (elsewhere, second), (nobody, new string('a', 64)), (nobody, "x"), (nobody, "ñ🙂") })
        {
            (await calls.PostAsync("auth/invitation", new { token, password = Chosen }))
                .ExpectProblem(410, "invitation_gone");
        }

        await tenant.WriteMasterAsync($"""
            UPDATE portal.tenant_invitations SET expires_at = now() - interval '1 second'
            WHERE tenant_id = {tenant.Id} AND revoked_at IS NULL
            """);
        (await nobody.PostAsync("auth/invitation", new { token = second, password = Chosen }))
            .ExpectProblem(410, "invitation_gone");
    }

    [Fact]
    public async Task Invitation_UnsuitablePassword_CanStillBeUsed()
    {
        var tenant = await host.TenantAsync("corta");
        var token = TenantSideHost.TokenOf(await host.InvitedAsync(tenant.Id));
        using var nobody = host.Nobody(tenant.Name);

        foreach (var password in new[] { "corta", new string('x', 73), "con\0nulo!" })
        {
            var problem = (await nobody.PostAsync("auth/invitation", new { token, password }))
                .ExpectProblem(422, "invalid_input");
            Assert.Equal(["password"], problem.GetProperty("errors").EnumerateObject().Select(p => p.Name));
        }

        (await nobody.PostAsync("auth/invitation", new { })).ExpectProblem(422, "invalid_input");
        Assert.Equal(204, (await nobody.PostAsync("auth/invitation", new { token, password = "seis66" })).Status);
    }

    [Fact]
    public async Task Invitation_ForAnAdministratorWithAPassword_LeavesItUntilTheNewOneIsSet()
    {
        var tenant = await host.TenantAsync("olvidada");
        using var nobody = host.Nobody(tenant.Name);
        var email = $"admin@{tenant.Name}.pe";
        var first = TenantSideHost.TokenOf(await host.InvitedAsync(tenant.Id));
        await nobody.PostAsync("auth/invitation", new { token = first, password = Chosen });

        var again = TenantSideHost.TokenOf(await host.InvitedAsync(tenant.Id, "La olvidó"));
        for (var i = 0; i < 5; i++)
        {
            (await nobody.LoginAsync(email, "no la recuerdo")).ExpectProblem(401, "credentials_wrong");
        }

        (await nobody.LoginAsync(email, Chosen)).ExpectProblem(429, "too_many_requests");
        Assert.Equal(204, (await nobody.PostAsync(
            "auth/invitation", new { token = again, password = "otra frase nueva" })).Status);

        // The link proves who the person is, so the wrong tries do not count any more.
        (await nobody.LoginAsync(email, "otra frase nueva")).Expect(200);
        (await nobody.LoginAsync(email, Chosen)).ExpectProblem(401, "credentials_wrong");
    }

    /// <summary>
    /// The master fails after the tenant's database has the password. The answer is not an error, because the password
    /// is set. The next use of the link completes the master and sets no second password.
    /// </summary>
    [Fact]
    public async Task Invitation_WhoseUseTheMasterCannotRecord_IsCompletedByTheNextUse()
    {
        var tenant = await host.TenantAsync("mitad");
        var token = TenantSideHost.TokenOf(await host.InvitedAsync(tenant.Id));
        using var nobody = host.Nobody(tenant.Name);
        await tenant.WriteMasterAsync($$"""
            CREATE FUNCTION public.fault_{{tenant.Id}}() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN RAISE EXCEPTION ''a fault''; END';
            CREATE TRIGGER fault_{{tenant.Id}} BEFORE UPDATE ON portal.tenant_invitations FOR EACH ROW
                WHEN (NEW.tenant_id = {{tenant.Id}}) EXECUTE FUNCTION public.fault_{{tenant.Id}}();
            """);
        Assert.Equal(204, (await nobody.PostAsync("auth/invitation", new { token, password = Chosen })).Status);
        Assert.Equal((false, 0), await KnownAsync(tenant.Id));
        await tenant.WriteMasterAsync($"DROP FUNCTION public.fault_{tenant.Id}() CASCADE");

        // Also when the account went to another administrator meanwhile.
        await tenant.WriteAsync("UPDATE users SET roles = '{qf}'");
        await tenant.AddUserAsync("otra");
        (await nobody.PostAsync("auth/invitation", new { token, password = "otra de un ladrón" }))
            .ExpectProblem(410, "invitation_gone");

        Assert.Equal((true, 1), await KnownAsync(tenant.Id));
        (await nobody.LoginAsync($"admin@{tenant.Name}.pe", Chosen)).Expect(200);
        (await nobody.LoginAsync("otra", TenantSideHost.Password)).Expect(200);
    }

    /// <summary>A browser that goes away while the password is being set cancels nothing.</summary>
    [Fact]
    public async Task Invitation_CallerGoesAwayWhileThePasswordIsSet_IsSetAndRecorded()
    {
        var tenant = await host.TenantAsync("ausente");
        var token = TenantSideHost.TokenOf(await host.InvitedAsync(tenant.Id));
        await using var holder = await PostgresServer.OpenAsync(
            host.Postgres.SuperuserUrl($"vigia_{tenant.Name}"), Cancellation);
        await using (var db = await MasterAsync())
        {
            var id = await db.Set<TenantInvitation>().Where(i => i.TenantId == tenant.Id).Select(i => i.Id)
                .SingleAsync(Cancellation);
            await RunAsync(holder, $"SELECT pg_advisory_lock(hashtextextended('{id:D}', 0))");
        }

        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await using var scope = host.Scope();
        var accepting = scope.ServiceProvider.GetRequiredService<InvitationAcceptance>()
            .AcceptAsync(tenant.Entry, token, Chosen, null, caller.Token);
        await Eventually.HoldsAsync("it waits for the lock", async () => await RunAsync(holder, """
            SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
            """) is true, Cancellation);
        await caller.CancelAsync();
        await RunAsync(holder, "SELECT pg_advisory_unlock_all()");

        await accepting;
        Assert.Equal((true, 1), await KnownAsync(tenant.Id));
        using var nobody = host.Nobody(tenant.Name);
        (await nobody.LoginAsync($"admin@{tenant.Name}.pe", Chosen)).Expect(200);
    }

    [Fact]
    public async Task Invitation_TrailThatAcceptsNothing_SetsNoPassword()
    {
        var tenant = await host.TenantAsync("cerrado");
        var token = TenantSideHost.TokenOf(await host.InvitedAsync(tenant.Id));
        using var nobody = host.Nobody(tenant.Name);

        await tenant.WriteMasterAsync(
            "CREATE TABLE public.kept AS TABLE portal.audit_head; UPDATE portal.audit_head SET wrapped_key = NULL");
        try
        {
            (await nobody.PostAsync("auth/invitation", new { token, password = Chosen }))
                .ExpectProblem(409, "audit_closed");
        }
        finally
        {
            await tenant.WriteMasterAsync(
                "UPDATE portal.audit_head SET wrapped_key = k.wrapped_key FROM public.kept k; DROP TABLE public.kept");
        }

        (await nobody.LoginAsync($"admin@{tenant.Name}.pe", Chosen)).ExpectProblem(401, "credentials_wrong");
        Assert.Equal(204, (await nobody.PostAsync("auth/invitation", new { token, password = Chosen })).Status);
    }

    /// <summary>The link sets the password of the person on file, not that of another active administrator.</summary>
    [Fact]
    public async Task Invitation_AddressOnFileIsOfABlockedAccount_IsForThatAccountIfItWasNeverUsed()
    {
        var tenant = await host.TenantAsync("archivo");
        await tenant.AddUserAsync("activa");
        await tenant.WriteAsync($"UPDATE users SET is_active = false WHERE email = 'admin@{tenant.Name}.pe'");
        using var nobody = host.Nobody(tenant.Name);
        var first = TenantSideHost.TokenOf(await host.InvitedAsync(tenant.Id));
        Assert.Equal(204, (await nobody.PostAsync("auth/invitation", new { token = first, password = Chosen })).Status);
        (await nobody.LoginAsync($"admin@{tenant.Name}.pe", Chosen)).Expect(200);
        (await nobody.LoginAsync("activa", TenantSideHost.Password)).Expect(200);

        // The tenant blocked it afterwards: a link does not open it again.
        var second = TenantSideHost.TokenOf(await host.InvitedAsync(tenant.Id, "La olvidó"));
        await tenant.WriteAsync($"UPDATE users SET is_active = false WHERE email = 'admin@{tenant.Name}.pe'");
        (await nobody.PostAsync("auth/invitation", new { token = second, password = "otra frase nueva" }))
            .ExpectProblem(410, "invitation_gone");
        (await nobody.LoginAsync("activa", TenantSideHost.Password)).Expect(200);
    }

    [Fact]
    public async Task Invitation_BlockedAccountAndNoRoom_SaysWhichLimit()
    {
        var tenant = await host.TenantAsync("llena");
        var token = TenantSideHost.TokenOf(await host.InvitedAsync(tenant.Id));
        await tenant.WriteAsync("UPDATE users SET is_active = false; UPDATE tenant_limits SET max_usuarios = 0");
        using var nobody = host.Nobody(tenant.Name);

        (await nobody.PostAsync("auth/invitation", new { token, password = Chosen }))
            .ExpectProblem(409, "limit_reached");
        await tenant.WriteAsync("UPDATE tenant_limits SET max_usuarios = 1");
        Assert.Equal(204, (await nobody.PostAsync("auth/invitation", new { token, password = Chosen })).Status);
    }

    /// <summary>The account of somebody who accepted is theirs, also while the master does not know that yet.</summary>
    [Fact]
    public async Task AddressOfAnAccount_WhoseInvitationWasAccepted_IsNotMoved()
    {
        var tenant = await host.TenantAsync("mudanza");
        await using var session = await PostgresServer.OpenAsync(
            host.Postgres.SuperuserUrl($"vigia_{tenant.Name}"), Cancellation);
        await MoveFirstAdmin.MoveAsync(session, "nueva@archivo.pe", Cancellation);
        Assert.Equal("nueva@archivo.pe", await RunAsync(session, "SELECT min(email) FROM users"));

        await RunAsync(session, $"""
            INSERT INTO audit_log (user_id, actor, action, entity, entity_id)
            SELECT id, email, '{InvitationAcceptance.LogAction}', 'users', id::text FROM users
            """);
        await MoveFirstAdmin.MoveAsync(session, "otra@archivo.pe", Cancellation);
        Assert.Equal("nueva@archivo.pe", await RunAsync(session, "SELECT min(email) FROM users"));
    }

    private async Task<(bool IsUsed, int Records)> KnownAsync(int tenant)
    {
        await using var db = await MasterAsync();
        return (await db.Set<TenantInvitation>().AnyAsync(i => i.TenantId == tenant && i.UsedAt != null, Cancellation),
            await db.Set<AuditEvent>().CountAsync(
                e => e.TenantId == tenant && e.Action == "tenant.invitation_accepted", Cancellation));
    }

    private Task<MasterContext> MasterAsync() => host.Services
        .GetRequiredService<IDbContextFactory<MasterContext>>().CreateDbContextAsync(Cancellation);

    private static async Task<object?> RunAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        return await command.ExecuteScalarAsync(Cancellation);
    }
}
