namespace Vigia.Core.Staff.SignIn;

/// <summary>
/// A sign-in of a member of staff on one browser. The cookie carries its id; ending the row ends the cookie and all
/// circuits.
/// </summary>
public sealed class SignInSession
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public Guid StaffId { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public string? Address { get; init; }

    /// <summary>The browser's User-Agent, cut to 400 characters.</summary>
    public string? UserAgent { get; init; }

    /// <summary>
    /// How the person signed in: <c>password</c>, <c>password+totp</c>, <c>password+recovery_code</c>, <c>passkey</c>,
    /// <c>oidc</c>, <c>oidc+mfa</c>, <c>oidc+totp</c>, …
    /// </summary>
    public required string Method { get; init; }

    /// <summary>When the person last used keyboard, pointer or touch in any tab of it.</summary>
    public DateTimeOffset LastInputAt { get; set; }

    /// <summary>Since when it is locked after too long without input; null while it is open.</summary>
    public DateTimeOffset? LockedAt { get; set; }
    public DateTimeOffset? EndedAt { get; set; }
}
