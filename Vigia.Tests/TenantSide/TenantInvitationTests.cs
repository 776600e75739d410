using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;

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
    /// The process ended after the tenant's database knew the password and before the master knew the use.
    /// </summary>
    [Fact]
    public async Task Invitation_WhoseUseTheMasterDoesNotKnow_IsCompletedAndSetsNoSecondPassword()
    {
        var tenant = await host.TenantAsync("mitad");
        var token = TenantSideHost.TokenOf(await host.InvitedAsync(tenant.Id));
        using var nobody = host.Nobody(tenant.Name);
        Assert.Equal(204, (await nobody.PostAsync("auth/invitation", new { token, password = Chosen })).Status);
        await tenant.WriteMasterAsync(
            $"UPDATE portal.tenant_invitations SET used_at = NULL WHERE tenant_id = {tenant.Id}");

        (await nobody.PostAsync("auth/invitation", new { token, password = "otra de un ladrón" }))
            .ExpectProblem(410, "invitation_gone");

        (await nobody.LoginAsync($"admin@{tenant.Name}.pe", Chosen)).Expect(200);
        await using var db = await host.Services.GetRequiredService<IDbContextFactory<MasterContext>>()
            .CreateDbContextAsync(Cancellation);
        Assert.NotNull((await db.Set<TenantInvitation>()
            .SingleAsync(i => i.TenantId == tenant.Id, Cancellation)).UsedAt);
    }
}
