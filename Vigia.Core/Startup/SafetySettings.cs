using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Core.Startup;

/// <summary>
/// Says at the start which protections are off, and records a changed one in the audit trail. Such settings are in
/// files and the environment, so a person who changes them leaves no other trace (21 CFR 11.10(e)).
/// </summary>
// More than five dependencies: the settings of two features are compared with the master and recorded.
public sealed partial class SafetySettings(
    IDbContextFactory<MasterContext> contexts, AuditTrail audit, MasterIdentity identity,
    IOptions<StaffOptions> staff, IOptions<ApprovalOptions> approvals, ILogger<SafetySettings> logger)
{
    /// <summary>The action of the audit record.</summary>
    public const string Action = "portal.safety_setting_changed";

    /// <summary>Compares the settings with those of the last start, whichever instance it was.</summary>
    public async Task RecordAsync(CancellationToken cancellationToken)
    {
        var now = new Dictionary<string, string>
        {
            ["Staff:RequireSecondFactor"] = $"{staff.Value.RequireSecondFactor}",
            ["Approvals:HardDelete"] = $"{approvals.Value.HardDelete}",
        };
        if (staff.Value.RequireSecondFactor == SecondFactorDemand.None)
        {
            LogNoSecondFactor(logger);
        }

        if (!approvals.Value.HardDelete)
        {
            LogNoSecondPerson(logger);
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (identity.ReadOnly is not null || await audit.IsClosedAsync(db, cancellationToken))
        {
            // Recorded by the next start that may write.
            return;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"LOCK TABLE portal.recorded_settings IN SHARE ROW EXCLUSIVE MODE", cancellationToken);
        var entries = new List<AuditEntry>();
        foreach (var (name, value) in now)
        {
            var row = await db.Set<RecordedSetting>().AsTracking()
                .SingleOrDefaultAsync(s => s.Name == name, cancellationToken);
            if (row is null)
            {
                db.Add(new RecordedSetting { Name = name, Value = value });
            }
            else if (row.Value != value)
            {
                entries.Add(new AuditEntry(Action)
                {
                    Before = new Dictionary<string, object?> { [name] = row.Value },
                    After = new Dictionary<string, object?> { [name] = value },
                });
                row.Value = value;
            }
        }

        await audit.CommitAsync(db, Actor.System, entries, cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Staff:RequireSecondFactor is None: a stolen password of an administrator is enough to sign in")]
    private static partial void LogNoSecondFactor(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Approvals:HardDelete is false: one person alone can move a production client to the trash")]
    private static partial void LogNoSecondPerson(ILogger logger);
}
