using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.Tokens;

namespace Vigia.Portal.Components.Tokens;

/// <summary>API tokens with their rights, their expiry and their last use.</summary>
public sealed partial class TokenList(TimeProvider time)
{
    // A token with more rights shows only their number, which can be expanded.
    private const int Few = 4;

    [Parameter, EditorRequired]
    public IReadOnlyList<ApiTokenView> Tokens { get; set; } = [];

    [Parameter, EditorRequired]
    public string Label { get; set; } = "";

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>Null in the list of tokens that have ended.</summary>
    [Parameter]
    public EventCallback<ApiTokenView> OnRevoke { get; set; }

    private DateTimeOffset Now => time.GetUtcNow();

    private (string Key, DateTimeOffset At) End(ApiTokenView token) =>
        token.RevokedAt is { } revoked ? ("TokenRevokedAt", revoked)
            : (token.ExpiresAt > Now ? "TokenEnds" : "TokenEndedAt", token.ExpiresAt);

    private string RightText(string right) => TokenWords.Right(right, Actor, Words, T);
}
