namespace Vigia.Core.Staff.SignIn;

/// <summary>
/// The wrong tries that are counted together, such as those of one account. The key says whose they are and can't be
/// read: a name that was typed may be a password.
/// </summary>
public sealed class SignInTry
{
    public required byte[] Key { get; init; }
    public int Failures { get; init; }

    /// <summary>From when time forgets tries: the last one, or somewhat before it.</summary>
    public DateTimeOffset LastAt { get; init; }

    /// <summary>Until when no further try is accepted. Null when the next one may come at once.</summary>
    public DateTimeOffset? BlockedUntil { get; init; }
}
