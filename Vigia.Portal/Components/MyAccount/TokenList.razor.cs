using Microsoft.AspNetCore.Components;
using Vigia.Core.Staff;

namespace Vigia.Portal.Components.MyAccount;

/// <summary>Personal tokens with what they may, until when, and when they were last used.</summary>
public sealed partial class TokenList
{
    // More of them are a number that opens.
    private const int Few = 4;

    [Parameter, EditorRequired]
    public IReadOnlyList<ApiTokenView> Tokens { get; set; } = [];

    [Parameter, EditorRequired]
    public string Label { get; set; } = "";

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>Left out for those that have ended.</summary>
    [Parameter]
    public EventCallback<ApiTokenView> OnRevoke { get; set; }

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    private DateTimeOffset Now => Time.GetUtcNow();

    private (string Key, DateTimeOffset At) End(ApiTokenView token) =>
        token.RevokedAt is { } revoked ? ("TokenRevokedAt", revoked) : (token.ExpiresAt > Now ? "TokenEnds" : "TokenEndedAt", token.ExpiresAt);

    private string Say(string right) => TokenWords.Right(right, Actor, Words, T);
}
