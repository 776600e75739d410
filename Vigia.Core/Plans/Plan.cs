namespace Vigia.Core.Plans;

/// <summary>A subscription plan and the limits it gives a new client; a null limit is unlimited (facts 7.9, 7.10).</summary>
public sealed class Plan
{
    public required string Code { get; init; }
    public required string Name { get; set; }
    public bool LimitIssuance { get; set; }

    /// <summary>Documents emitted in a calendar month of Lima.</summary>
    public int? MaxDocuments { get; set; }
    public int? MaxUsers { get; set; }
    public int? MaxEstablishments { get; set; }
    public int Position { get; set; }
}
