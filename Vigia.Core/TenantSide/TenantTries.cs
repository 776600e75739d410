using Vigia.Core.Foundation.Text;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Core.TenantSide;

/// <summary>The counters of wrong passwords of tenants' users. Those of staff count apart.</summary>
internal static class TenantTries
{
    private static readonly TimeSpan ForgetsAccount = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan ForgetsSource = TimeSpan.FromMinutes(5);

    // The number of a company's offices that share a site.
    private const int SourcesOfASite = 10;

    /// <summary>
    /// The typed name, in the form that the counters and the look-up share. If their forms differed, or if users were
    /// counted instead of names, the wait would show which names belong to an account. Both forms of a domain are one
    /// name.
    /// </summary>
    public static string KeyOf(string name) => EmailAddress.ToStored(SafeText.Normalize(name)).ToLowerInvariant();

    /// <summary>
    /// The counters of a try: the source and its site, over all tenants, and the typed name. A site of IPv6 has 65,536
    /// sources, each with tries of its own.
    /// </summary>
    public static IReadOnlyList<TryCounter> Of(
        int tenantId, string key, SignInOrigin from, TenantSideOptions options) =>
    [
        .. from.Site is not { } site ? [] : new[]
        {
            new TryCounter(
                $"tenant-site|{site}", options.FailedSignInsPerAddress * SourcesOfASite, ForgetsSource, IsShared: true),
        },
        new($"tenant-source|{from.Source}", options.FailedSignInsPerAddress, ForgetsSource, IsShared: true),
        Account(tenantId, key, options),
    ];

    /// <summary>The counters of a user's address and name.</summary>
    public static IEnumerable<TryCounter> OfUser(
        int tenantId, string email, string? username, TenantSideOptions options) =>
        new[] { email, username }.OfType<string>().Select(name => Account(tenantId, KeyOf(name), options));

    private static TryCounter Account(int tenantId, string key, TenantSideOptions options) =>
        new($"tenant-name|{tenantId}|{key}", options.FailedSignInsPerAccount, ForgetsAccount, IsShared: false);
}
