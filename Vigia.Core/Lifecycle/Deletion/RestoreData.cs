using System.Text.Json.Serialization;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Deletion;

/// <summary>The data of a restore.</summary>
/// <param name="IsActive">Whether the tenant was active before it was deleted.</param>
/// <param name="State">Its state before it was deleted.</param>
internal sealed record RestoreData(
    bool IsActive, [property: JsonConverter(typeof(JsonStringEnumConverter<TenantState>))] TenantState State);
