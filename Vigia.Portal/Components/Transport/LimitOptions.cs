using System.ComponentModel.DataAnnotations;

namespace Vigia.Portal.Components.Transport;

/// <summary>
/// Section <c>Limits</c>: the most that one process holds open and reads at once. Each instance counts on its own.
/// </summary>
public sealed class LimitOptions
{
    public const string Section = "Limits";

    /// <summary>Open connections of all kinds. More are closed at once.</summary>
    [Range(20, 1_000_000)]
    public int Connections { get; set; } = 5000;

    /// <summary>Open pages of all people. Each holds one to two megabytes.</summary>
    [Range(1, 100_000)]
    public int OpenPages { get; set; } = 1000;

    /// <summary>Open pages of one person, in all their browsers.</summary>
    [Range(1, 100_000)]
    public int OpenPagesPerPerson { get; set; } = 50;

    /// <summary>Pages whose connection was lost that are kept until it is back.</summary>
    [Range(0, 100_000)]
    public int LostPages { get; set; } = 100;

    /// <summary>How long they are kept, in minutes.</summary>
    [Range(1, 60)]
    public int LostPageMinutes { get; set; } = 3;

    /// <summary>The largest message of an open page, in KiB. A pasted text is one message.</summary>
    [Range(64, 10_240)]
    public int MessageKilobytes { get; set; } = 1024;

    /// <summary>
    /// The largest body of a request, in KiB. The API allows 1 MiB. Where there are no WebSockets, an open page sends
    /// its messages as requests.
    /// </summary>
    [Range(1088, 102_400)]
    public int BodyKilobytes { get; set; } = 2048;

    /// <summary>
    /// The largest form of the sign-in and account pages, and the largest body of a call of the API that anybody may
    /// make, in KiB.
    /// </summary>
    [Range(16, 1024)]
    public int FormKilobytes { get; set; } = 64;
}
