using Microsoft.AspNetCore.Components;
using Vigia.Core.Registry.Audit;

namespace Vigia.Portal.Components.Audit;

/// <summary>All of one record: the changes, the signature, the origin, and its place in the audit chain.</summary>
public sealed partial class AuditRecordDetail(AuditSentences sentences)
{
    [Parameter, EditorRequired]
    public AuditEvent Record { get; set; } = default!;

    /// <summary>The names of the tenants of the record.</summary>
    [Parameter, EditorRequired]
    public IReadOnlyDictionary<int, string> Names { get; set; } = default!;

    // A narrow page leaves out the cells without a value.
    private static string? NothingIf(string? value) => value is null ? "nothing quiet" : null;
}
