using Vigia.Core.Foundation.Dates;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.Tokens;

namespace Vigia.Core.Staff.ServiceAccounts;

/// <summary>The tokens of a service account, inside the caller's transaction.</summary>
internal static class ServiceTokens
{
    /// <summary>The tokens that work at a moment.</summary>
    public static IQueryable<ServiceToken> Working(MasterContext db, Guid accountId, DateTimeOffset now) =>
        db.Set<ServiceToken>().Where(t => t.AccountId == accountId && t.RevokedAt == null && t.ExpiresAt > now);

    /// <summary>Makes a token that works until the end of a day. The caller stores the row.</summary>
    /// <returns>The row, and the text that is shown once.</returns>
    public static (ServiceToken Row, string Text) New(
        ServiceAccount account, DateOnly endsOn, DateTimeOffset now)
    {
        var text = ApiTokenText.New(ApiTokenText.Service);
        var row = new ServiceToken
        {
            AccountId = account.Id, TokenHash = ApiTokenText.Hash(text), Prefix = ApiTokenText.Prefix(text),
            CreatedAt = now, ExpiresAt = LimaTime.EndOf(endsOn),
        };
        return (row, text);
    }
}
