namespace Vigia.Core.Registry.Tenants;

/// <summary>The values of <c>entorno</c>.</summary>
public static class TenantEnvironments
{
    public const string Demo = "demo";
    public const string Production = "produccion";

    public static readonly IReadOnlyList<string> All = [Demo, Production];
}
