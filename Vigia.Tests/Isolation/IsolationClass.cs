using Npgsql;
using Vigia.Core.Isolation;
using Vigia.Core.Operations;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Isolation;

/// <summary>What tests of isolation do to break it, as a superuser's hand would.</summary>
public abstract class IsolationClass(PostgresServer server) : CoreClass(server)
{
    protected IsolationService Service => Host.Get<IsolationService>();

    protected Task AsSuperuserAsync(string database, string sql) => PostgresServer.ExecuteAsync(Server.SuperuserUrl(database), sql, Cancellation);

    protected Task<string?> RoleOfAsync(Tenant tenant) =>
        Host.ScalarAsync<string>(Host.Master.Database, $"SELECT role_name FROM portal.tenant_credentials WHERE tenant_id = {tenant.Id} AND is_current");

    internal Task<ProofResult> TryAsync(Tenant tenant) => Host.Get<IsolationProver>().TryAsync(tenant.Id, tenant.DatabaseName!, null, null, Cancellation);

    protected async Task<Operation> ProveAsync(Tenant tenant) => await Host.EndOfAsync(await Service.ProveAsync(Host.Admin, tenant.Id, Cancellation));

    protected Task<IsolationProof?> LastAsync(Tenant tenant) => Service.LastAsync(Host.Admin, tenant.Id, Cancellation);

    internal static string Lines(IEnumerable<IsolationAttempt> attempts) =>
        string.Join("\n", attempts.Where(a => a.Outcome != AttemptOutcome.Refused).Select(a => $"{a.Code} {a.Target} {a.Outcome} {a.SqlState} {a.Detail}"));

    protected async Task<NpgsqlConnection> OpenSuperuserAsync(string database) => await PostgresServer.OpenAsync(Server.SuperuserUrl(database), Cancellation);
}
