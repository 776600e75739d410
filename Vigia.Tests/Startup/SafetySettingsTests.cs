using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Startup;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Startup;

/// <summary>A changed protection leaves a record, whoever changed the file or the environment.</summary>
public sealed class SafetySettingsTests(PostgresServer server) : CoreTestBase(server)
{
    protected override bool Workers => false;

    [Fact]
    public async Task Record_OnlyAChangeIsRecorded_WithBothValues()
    {
        var settings = Host.Get<SafetySettings>();
        await settings.RecordAsync(Cancellation);
        await settings.RecordAsync(Cancellation);
        Assert.Empty(await RecordsAsync());

        Host.Get<IOptions<StaffOptions>>().Value.RequireSecondFactor = SecondFactorDemand.Everyone;
        Host.Get<IOptions<ApprovalOptions>>().Value.HardDelete = true;
        await settings.RecordAsync(Cancellation);
        await settings.RecordAsync(Cancellation);

        var records = await RecordsAsync();
        Assert.Equal(
            [("{\"Staff:RequireSecondFactor\":\"None\"}", "{\"Staff:RequireSecondFactor\":\"Everyone\"}"),
            ("{\"Approvals:HardDelete\":\"False\"}", "{\"Approvals:HardDelete\":\"True\"}")],
            records.Select(r => (Bare(r.Before), Bare(r.After))));
    }

    private static string Bare(string? json) => json!.Replace(" ", "", StringComparison.Ordinal);

    private async Task<List<AuditEvent>> RecordsAsync()
    {
        await using var db = await Host.OpenMasterAsync();
        return await db.Set<AuditEvent>().Where(e => e.Action == SafetySettings.Action).OrderBy(e => e.Seq)
            .ToListAsync(Cancellation);
    }
}
