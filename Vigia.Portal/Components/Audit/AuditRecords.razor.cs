using System.Globalization;
using Microsoft.AspNetCore.Components;
using Vigia.Core.Audit;

namespace Vigia.Portal.Components.Audit;

/// <summary>Records of the trail as a table, each a sentence that opens.</summary>
public sealed partial class AuditRecords
{
    private readonly HashSet<long> _open = [];

    [Parameter, EditorRequired]
    public IReadOnlyList<AuditEvent> Items { get; set; } = [];

    /// <summary>Whether the hand is in the list: something is open, nothing should move.</summary>
    public bool IsOpen => _open.Count > 0;

    internal static string Utc(AuditEvent record) => record.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private void Toggle(long seq)
    {
        if (!_open.Remove(seq))
        {
            _open.Add(seq);
        }
    }
}
