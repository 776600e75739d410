namespace Vigia.Portal.Components.Welcome;

/// <summary>The states of the page of an invitation.</summary>
public enum WelcomeState
{
    /// <summary>The form for the password.</summary>
    Form,

    /// <summary>The password is saved.</summary>
    Done,

    /// <summary>The link was used, replaced, or has expired.</summary>
    Gone,

    /// <summary>The tenant's limit of users is reached. The link can still be used.</summary>
    Full,

    /// <summary>The tenant is inactive.</summary>
    Closed,

    /// <summary>No tenant has the host.</summary>
    Unknown,

    /// <summary>Too many requests came from there.</summary>
    Busy,

    /// <summary>Something failed.</summary>
    Broken,
}

/// <summary>The page of an invitation.</summary>
/// <param name="State">The state of the page.</param>
public sealed record WelcomeView(WelcomeState State)
{
    /// <summary>The address that the person signs in with.</summary>
    public string Email { get; init; } = "";

    public string LegalName { get; init; } = "";

    /// <summary>Whether the person had a password before.</summary>
    public bool IsRecovery { get; init; }

    /// <summary>Where the tenant's users sign in.</summary>
    public string Address { get; init; } = "";

    public string? PasswordError { get; init; }
    public string? PasswordAgainError { get; init; }

    /// <summary>The status when the form that was sent could not be read. It is shown again.</summary>
    public int? Unreadable { get; init; }

    /// <summary>When to try again. Null when that is of no use.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The code of the request, for a page that failed.</summary>
    public string? TraceId { get; init; }

    /// <summary>The status of HTTP.</summary>
    public int Status => State switch
    {
        WelcomeState.Form when Unreadable is { } status => status,
        WelcomeState.Form when PasswordError is null && PasswordAgainError is null => StatusCodes.Status200OK,
        WelcomeState.Form => StatusCodes.Status422UnprocessableEntity,
        WelcomeState.Done => StatusCodes.Status200OK,
        WelcomeState.Gone => StatusCodes.Status410Gone,
        WelcomeState.Full => StatusCodes.Status409Conflict,
        WelcomeState.Closed => StatusCodes.Status403Forbidden,
        WelcomeState.Unknown => StatusCodes.Status404NotFound,
        WelcomeState.Busy => StatusCodes.Status429TooManyRequests,
        _ => StatusCodes.Status503ServiceUnavailable,
    };
}
