using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Isolation;

/// <summary>Statements with which the tests break the isolation, as a superuser would by hand.</summary>
public abstract class IsolationTestBase(PostgresServer server) : CoreTestBase(server)
{
    protected IsolationService Service => Host.Get<IsolationService>();

    protected Task AsSuperuserAsync(string database, string sql) =>
        PostgresServer.ExecuteAsync(Server.SuperuserUrl(database), sql, Cancellation);

    protected Task<string?> RoleOfAsync(Tenant tenant) =>
        Host.ScalarAsync<string>(
            Host.Master.Database,
            $"SELECT role_name FROM portal.tenant_credentials WHERE tenant_id = {tenant.Id} AND is_current");

    internal Task<ProofResult> TryAsync(Tenant tenant) =>
        Host.Get<IsolationProver>().TryAsync(tenant.Id, tenant.DatabaseName!, null, null, Cancellation);

    protected async Task<Operation> ProveAsync(Tenant tenant) =>
        await Host.EndOfAsync(await Service.ProveAsync(Host.Admin, tenant.Id, Cancellation));

    protected Task<IsolationProof?> LastAsync(Tenant tenant) => Service.LastAsync(Host.Admin, tenant.Id, Cancellation);

    internal static string Lines(IEnumerable<IsolationAttempt> attempts) =>
        string.Join("\n", attempts.Where(a => a.Outcome != AttemptOutcome.Refused)
            .Select(a => $"{a.Code} {a.Target} {a.Outcome} {a.SqlState} {a.Detail}"));
}
