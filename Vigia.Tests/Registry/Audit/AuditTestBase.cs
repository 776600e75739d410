using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.AuditWatch;
using Vigia.Core.Registry.Audit;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Registry.Audit;

/// <summary>
/// Manipulates the audit trail as the owner of the database would. The owner can read every row and has no secret of
/// the portal.
/// </summary>
public abstract class AuditTestBase(PostgresServer server) : CoreTestBase(server), IAsyncLifetime
{
    private readonly TestFolder _folder = TestFolder.Create();

    protected string HeadFolder => Path.Combine(_folder.Path, "heads");

    protected override void Configure(IServiceCollection services) =>
        services.Configure<AuditOptions>(o => o.HeadFolder = HeadFolder);

    public new async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Verifies without writing an audit record, which would be missing from a trail that the test restores afterwards.
    /// </summary>
    protected Task<AuditVerdict> VerifyAsync(AuditHeadMark? kept = null) => VerifyAsync(Host, kept);

    protected static Task<AuditVerdict> VerifyAsync(CoreHost host, AuditHeadMark? kept = null) =>
        host.Get<AuditVerifier>().WalkAsync(kept, null, Cancellation);

    protected Task<AuditHeadOfChain?> ExportAsync() => Host.Get<AuditHeadExport>().ExportAsync(Cancellation);

    /// <summary>Writes records.</summary>
    /// <returns>The number of the last one.</returns>
    protected async Task<long> FillAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await AppendAsync(Host);
        }

        return await Host.ScalarAsync<long>(Host.Master.Database, "SELECT max(seq) FROM portal.audit_events");
    }

    protected static async Task AppendAsync(CoreHost host)
    {
        await using var db = await host.OpenMasterAsync();
        await host.Get<AuditTrail>()
            .CommitAsync(db, host.Admin with { Via = "nocturno" }, new AuditEntry("test.happened")
            {
                TenantId = 7,
                Ruc = "20100000009",
                Subdomain = "andinos",
                Reason = "una de tantas",
                OperationId = Guid.NewGuid(),
                SignatureMeaning = "sign_tenant_delete",
                SignedWith = "password",
                Before = new Dictionary<string, object?> { ["max_usuarios"] = 10, ["config"] = "{\"ñ\": 1.50}" },
                After = new Dictionary<string, object?> { ["max_usuarios"] = 15, ["plan"] = null },
            }, Cancellation);
    }

    /// <summary>Saves the current audit trail under a name.</summary>
    protected Task KeepAsync(string name) => SuperuserAsync(
        $"CREATE TABLE {name}_events AS TABLE portal.audit_events; "
        + $"CREATE TABLE {name}_head AS TABLE portal.audit_head; "
        + $"CREATE TABLE {name}_keys AS TABLE portal.data_protection_keys");

    /// <summary>Restores the audit trail that <see cref="KeepAsync"/> saved.</summary>
    protected Task PutBackAsync(string name) => TamperAsync(
        $"""
        TRUNCATE portal.audit_events, portal.audit_head, portal.data_protection_keys;
        INSERT INTO portal.audit_events TABLE {name}_events;
        INSERT INTO portal.audit_head TABLE {name}_head; INSERT INTO portal.data_protection_keys TABLE {name}_keys
        """);

    /// <summary>Runs a statement as the owner of the server, whom triggers do not stop.</summary>
    protected Task TamperAsync(string sql) =>
        SuperuserAsync($"ALTER TABLE portal.audit_events DISABLE TRIGGER ALL; {sql}; "
            + "ALTER TABLE portal.audit_events ENABLE TRIGGER ALL");

    protected Task SuperuserAsync(string sql) =>
        PostgresServer.ExecuteAsync(Server.SuperuserUrl(Host.Master.Database), sql, Cancellation);
}
