namespace Vigia.Tests.Architecture.Samples;

/// <summary>
/// A class that <c>docs/rules.md#no-ambient-tenant</c> forbids. The test of the rule has to find it here.
/// </summary>
internal sealed class AmbientTenant
{
    private static readonly AsyncLocal<int> Current = new();

    public static int TenantId => Current.Value;
}
