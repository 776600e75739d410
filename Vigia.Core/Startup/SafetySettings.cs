using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Startup;

/// <summary>
/// Says at the start which protections are off, and records a changed one in the audit trail. Such settings are in
/// files and the environment, so a person who changes them leaves no other trace (21 CFR 11.10(e)).
/// </summary>
public sealed partial class SafetySettings(
    IDbContextFactory<MasterContext> contexts, AuditTrail audit, MasterIdentity identity,
    IEnumerable<SafetySetting> settings, ILogger<SafetySettings> logger)
{
    // The column has 100 characters.
    private const int LongestShown = 80;

    /// <summary>The action of the audit record.</summary>
    public const string Action = "portal.safety_setting_changed";

    /// <summary>Compares the settings with those of the last start, whichever instance it was.</summary>
    public async Task RecordAsync(CancellationToken cancellationToken)
    {
        foreach (var setting in settings)
        {
            if (setting.Danger() is { } danger)
            {
                LogDanger(logger, setting.Name, setting.Value(), danger);
            }
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
        var rows = await db.Set<RecordedSetting>().AsTracking().ToDictionaryAsync(s => s.Name, cancellationToken);
        foreach (var (name, value) in settings.Select(setting => (setting.Name, Shown(setting.Value()))))
        {
            if (!rows.TryGetValue(name, out var row))
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

    // A list that is too long is cut, and its digest shows a change behind the cut. Half a pair can't be stored.
    private static string Shown(string value)
    {
        if (value.Length <= LongestShown)
        {
            return value;
        }

        var end = char.IsHighSurrogate(value[LongestShown - 1]) ? LongestShown - 1 : LongestShown;
        return $"{value[..end]}… {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)))[..16]}";
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Setting} is {Value}: {Danger}")]
    private static partial void LogDanger(ILogger logger, string setting, string value, string danger);
}
