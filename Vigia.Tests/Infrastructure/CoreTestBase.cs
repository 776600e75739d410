using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;

namespace Vigia.Tests.Infrastructure;

/// <summary>
/// A test on all of Core. The host ends with the test, unless the class has one host for all its tests.
/// </summary>
public abstract class CoreTestBase(PostgresServer server) : IAsyncLifetime
{
    private static int _ruc = 20_000;
    private CoreHost? _host;

    protected PostgresServer Server => server;

    protected CoreHost Host => _host ?? throw new InvalidOperationException("Not started.");

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The host of the class's fixture; null if each test has its own.</summary>
    protected virtual CoreHost? Shared => null;

    /// <summary>Whether workers run operations.</summary>
    protected virtual bool Workers => true;

    /// <summary>Lets a test class change the services.</summary>
    protected virtual void Configure(IServiceCollection services)
    {
    }

    /// <summary>TENANT_DB_TEMPLATE; null if tenants' sessions go to the server itself.</summary>
    protected virtual ValueTask<TenantTemplate?> TemplateAsync() => ValueTask.FromResult<TenantTemplate?>(null);

    /// <summary>Lets a test class change the settings.</summary>
    protected virtual VigiaSettings Change(VigiaSettings settings) => settings;

    /// <summary>Ends everything that the test started besides the host.</summary>
    protected virtual ValueTask EndAsync() => ValueTask.CompletedTask;

    public async ValueTask InitializeAsync() =>
        _host = Shared ?? await CoreHost.StartAsync(
            server, Workers, Configure, template: await TemplateAsync(), change: Change);

    public async ValueTask DisposeAsync()
    {
        if (_host is not null && Shared is null)
        {
            await _host.DisposeAsync();
        }

        await EndAsync();

        GC.SuppressFinalize(this);
    }

    protected static string NewRuc() => Rucs.Next(Interlocked.Increment(ref _ruc));

    /// <summary>Returns a sub-domain that nothing else on the shared server has.</summary>
    protected static string NewName(string stem) => $"{stem}-{Guid.NewGuid().ToString("n")[..8]}";

    protected static RegisterTenant Request(
        string subdomain, Func<RegisterTenant, RegisterTenant>? with = null,
        Func<TenantDetails, TenantDetails>? details = null)
    {
        var usual = new TenantDetails
        {
            LegalName = $"Laboratorio {subdomain} S.A.C.",
            AccessEmail = $"admin@{subdomain}.pe", Plan = "basico", Environment = "produccion", MaxUsers = 5
        };
        var request = new RegisterTenant
        {
            Ruc = NewRuc(), Subdomain = subdomain, Provision = false,
            Details = details?.Invoke(usual) ?? usual
        };
        return with?.Invoke(request) ?? request;
    }

    protected async Task<int> RegisterAsync(
        string subdomain, Func<RegisterTenant, RegisterTenant>? with = null,
        Func<TenantDetails, TenantDetails>? details = null) =>
        (await Host.Get<TenantRegistration>()
            .RegisterAsync(Host.Admin, Request(subdomain, with, details), Cancellation)).TenantId;

    /// <summary>Returns a tenant whose database is ready.</summary>
    protected async Task<Tenant> ReadyAsync(string subdomain, string environment = "produccion")
    {
        var registered = await Host.Get<TenantRegistration>().RegisterAsync(
            Host.Admin, Request(subdomain, r => r with { Provision = true }, d => d with { Environment = environment }),
            Cancellation);
        var operation = await Host.EndOfAsync(registered.OperationId!.Value);
        Assert.True(operation.State == OperationState.Succeeded, $"{operation.State}: {operation.Error}");
        return await RowAsync(registered.TenantId);
    }

    protected async Task<TrashedTenant> InTrashAsync(int id) =>
        (await Host.Get<TenantSearch>().GetAsync(Host.Admin, id, Cancellation)).Trashed!;

    protected async Task<Tenant> RowAsync(int id) =>
        (await Host.Get<TenantSearch>().GetAsync(Host.Admin, id, Cancellation)).View!.Row;

    protected static async Task AssertRefusedAsync(string code, Func<Task> act)
    {
        var refused = await Assert.ThrowsAnyAsync<RuleException>(act);
        Assert.Equal(code, refused.Reason.Code);
    }

    protected static async Task AssertInvalidAsync(string field, string code, Func<Task> act)
    {
        var invalid = await Assert.ThrowsAsync<InvalidInputException>(act);
        Assert.Contains(field, invalid.Errors.Keys);
        Assert.Equal(code, invalid.Errors[field][0].Code);
    }

    /// <summary>
    /// Waits until the server has ended the sessions that a test closed. Otherwise a deletion would wait for a person
    /// to end them.
    /// </summary>
    protected Task NobodyInAsync(Tenant tenant) =>
        Eventually.HoldsAsync("the superuser's sessions are over", async () =>
        await Host.ScalarAsync<long>("postgres", $"""
            SELECT count(*) FROM pg_stat_activity WHERE datname = '{tenant.DatabaseName}' AND usename = current_user
            """) == 0, Cancellation);

    /// <summary>Makes the audit trail refuse every new record.</summary>
    protected Task CloseTrailAsync() => PostgresServer.ExecuteAsync(Server.SuperuserUrl(Host.Master.Database),
        "CREATE TABLE public.test_open_head AS TABLE portal.audit_head; UPDATE portal.audit_head SET signature = NULL",
        Cancellation);

    /// <summary>Undoes <see cref="CloseTrailAsync"/>.</summary>
    protected Task OpenTrailAsync() => PostgresServer.ExecuteAsync(Server.SuperuserUrl(Host.Master.Database),
        "UPDATE portal.audit_head SET signature = (SELECT signature FROM public.test_open_head); "
        + "DROP TABLE public.test_open_head",
        Cancellation);

    /// <summary>Counts the audit records of one action that a tenant has.</summary>
    protected Task<long> RecordsAsync(int tenantId, string action) =>
        Host.ScalarAsync<long>(
            Host.Master.Database,
            $"SELECT count(*) FROM portal.audit_events WHERE tenant_id = {tenantId} AND action = '{action}'");
}
