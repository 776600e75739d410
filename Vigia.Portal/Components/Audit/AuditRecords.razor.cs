using System.Globalization;
using Microsoft.AspNetCore.Components;
using Vigia.Core.Registry.Audit;

namespace Vigia.Portal.Components.Audit;

/// <summary>Audit records as a table. Each row is a sentence that can be expanded.</summary>
public sealed partial class AuditRecords(AuditSentences sentences)
{
    private readonly HashSet<long> _open = [];

    [Parameter, EditorRequired]
    public IReadOnlyList<AuditEvent> Items { get; set; } = [];

    /// <summary>The names of the tenants of the records.</summary>
    [Parameter, EditorRequired]
    public IReadOnlyDictionary<int, string> Names { get; set; } = default!;

    /// <summary>The records that stand for others, by their places. Null when every record has a row.</summary>
    [Parameter]
    public IReadOnlyDictionary<long, AuditFold>? Folds { get; set; }

    /// <summary>The tenant whose page this is. Its name is no link here. Null on other pages.</summary>
    [Parameter]
    public int? About { get; set; }

    /// <summary>Raised when the pointer or the focus enters or leaves the list.</summary>
    [Parameter]
    public EventCallback<bool> InUseChanged { get; set; }

    internal static string Utc(AuditEvent record) =>
        record.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    // The records of each tenant's own operation are found through the operation on many, which lists them.
    private static string AddressOf(AuditFold fold) => fold.HasChildren ? PortalUrls.Operation(fold.OperationId)
        : new AuditListView { OperationId = fold.OperationId }.ToAddress();

    private void Toggle(long seq)
    {
        if (!_open.Remove(seq))
        {
            _open.Add(seq);
        }
    }
}
