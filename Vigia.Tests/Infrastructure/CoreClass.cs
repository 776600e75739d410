using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Errors;
using Vigia.Core.Tenants;

namespace Vigia.Tests.Infrastructure;

/// <summary>A test on all of Core; the host ends with the test.</summary>
public abstract class CoreClass(PostgresServer server) : IAsyncLifetime
{
    private static int _ruc = 20_000;
    private CoreHost? _host;

    protected PostgresServer Server => server;

    protected CoreHost Host => _host ?? throw new InvalidOperationException("Not started.");

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Whether operations are worked on.</summary>
    protected virtual bool Workers => true;

    /// <summary>Changes to the services.</summary>
    protected virtual void Configure(IServiceCollection services)
    {
    }

    public async ValueTask InitializeAsync() => _host = await CoreHost.StartAsync(server, Workers, Configure);

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    protected static string NewRuc() => Rucs.Next(Interlocked.Increment(ref _ruc));

    /// <summary>A sub-domain that nobody on the shared server has.</summary>
    protected static string NewName(string stem) => $"{stem}-{Guid.NewGuid().ToString("n")[..8]}";

    protected static RegisterTenant Request(string subdomain, Func<RegisterTenant, RegisterTenant>? with = null, Func<TenantDetails, TenantDetails>? details = null)
    {
        var usual = new TenantDetails { LegalName = $"Laboratorio {subdomain} S.A.C.", AccessEmail = $"admin@{subdomain}.pe", Plan = "basico", Environment = "produccion", MaxUsers = 5 };
        var request = new RegisterTenant { Ruc = NewRuc(), Subdomain = subdomain, Provision = false, Details = details?.Invoke(usual) ?? usual };
        return with?.Invoke(request) ?? request;
    }

    protected async Task<int> RegisterAsync(string subdomain, Func<RegisterTenant, RegisterTenant>? with = null, Func<TenantDetails, TenantDetails>? details = null) =>
        (await Host.Get<TenantRegistration>().RegisterAsync(Host.Admin, Request(subdomain, with, details), Cancellation)).TenantId;

    /// <summary>A client whose database is ready.</summary>
    protected async Task<Tenant> ReadyAsync(string subdomain, string environment = "produccion")
    {
        var registered = await Host.Get<TenantRegistration>().RegisterAsync(
            Host.Admin, Request(subdomain, r => r with { Provision = true }, d => d with { Environment = environment }), Cancellation);
        var operation = await Host.EndOfAsync(registered.OperationId!.Value);
        Assert.True(operation.State == Vigia.Core.Operations.OperationState.Succeeded, $"{operation.State}: {operation.Error}");
        return await RowAsync(registered.TenantId);
    }

    protected async Task<Tenant> RowAsync(int id) => (await Host.Get<TenantSearch>().GetAsync(Host.Admin, id, Cancellation)).View!.Row;

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

    /// <summary>How many audit records of an action a client has.</summary>
    protected Task<long> RecordsAsync(int tenantId, string action) =>
        Host.ScalarAsync<long>(Host.Master.Database, $"SELECT count(*) FROM portal.audit_events WHERE tenant_id = {tenantId} AND action = '{action}'");
}
