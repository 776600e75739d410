namespace Vigia.Core.Registry.Plans;

/// <summary>
/// A plan and its default limits for new tenants. A null limit is unlimited (docs/rules.md#limits,
/// docs/rules.md#plans).
/// </summary>
public sealed class Plan
{
    public required string Code { get; init; }
    public required string Name { get; set; }
    public bool LimitIssuance { get; set; }

    /// <summary>The number of documents that may be issued in a calendar month of Lima.</summary>
    public int? MaxDocuments { get; set; }
    public int? MaxUsers { get; set; }
    public int? MaxEstablishments { get; set; }
    public int Position { get; set; }
}
