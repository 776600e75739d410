using System.ComponentModel.DataAnnotations;

namespace Vigia.Core.Configuration;

/// <summary>Section <c>Api</c>: how much one caller may ask of the HTTP API.</summary>
public sealed class ApiOptions
{
    public const string Section = "Api";

    /// <summary>Requests a minute with one token; a burst of as many is let in at once.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerMinutePerToken { get; set; } = 600;

    /// <summary>Requests a minute from one address, whatever the token.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerMinutePerAddress { get; set; } = 1200;

    /// <summary>Streams of events that one member of staff may have open.</summary>
    [Range(1, 10_000)]
    public int StreamsPerPerson { get; set; } = 20;
}
