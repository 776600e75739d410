using Vigia.Core.Foundation.Text;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Tenancy;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.TenantSide;

/// <summary>The counters of wrong passwords of tenants' users. Those of staff count apart.</summary>
internal static class TenantTries
{
    private static readonly TimeSpan ForgetsAccount = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan ForgetsSource = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The counters of a try: the source, over all tenants, and the account. A user has one counter for name and
    /// address. A name that nobody has gets one too.
    /// </summary>
    public static IReadOnlyList<TryCounter> Of(
        TenantEntry tenant, TenantUser? user, string name, string source, TenantSideOptions options) =>
    [
        new($"tenant-source|{source}", options.FailedSignInsPerAddress, ForgetsSource, IsShared: true),
        user is null ? Account($"tenant-name|{tenant.Id}|{EmailAddress.Key(name)}", options)
            : OfUser(tenant.Id, user.Id, options),
    ];

    public static TryCounter OfUser(int tenantId, int userId, TenantSideOptions options) =>
        Account($"tenant-user|{tenantId}|{userId}", options);

    private static TryCounter Account(string subject, TenantSideOptions options) =>
        new(subject, options.FailedSignInsPerAccount, ForgetsAccount, IsShared: false);
}
