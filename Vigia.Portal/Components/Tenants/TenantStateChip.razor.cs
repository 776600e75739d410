using Microsoft.AspNetCore.Components;
using Vigia.Core.Tenants;

namespace Vigia.Portal.Components.Tenants;

/// <summary>A tenant's status, with the reason on hover: "Inactivo desde el 3/11/2026: Falta de pago". Whether the
/// portal manages the database is a second chip.</summary>
public sealed partial class TenantStateChip
{
    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    private string? Why => TenantWords.Inactivity(Tenant.Row, by: null, T);
}
