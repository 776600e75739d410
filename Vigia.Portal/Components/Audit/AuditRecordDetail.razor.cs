using Microsoft.AspNetCore.Components;
using Vigia.Core.Audit;

namespace Vigia.Portal.Components.Audit;

/// <summary>All that one record says: what was changed, the signature, where it came from, its place in the chain.</summary>
public sealed partial class AuditRecordDetail
{
    [Parameter, EditorRequired]
    public AuditEvent Record { get; set; } = default!;
}
