using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Staff.ServiceAccounts;

/// <summary>The rules for the content of a service account. All errors are reported at once, by field.</summary>
public static partial class ServiceAccountRules
{
    public const int LongestName = 40;
    public const int LongestPurpose = 500;

    /// <summary>The longest time, in days, that an account or a token works before a person renews it.</summary>
    public const int MostDays = 365;

    /// <summary>
    /// The largest number of working tokens of an account: one in use, one for a rotation, and a reserve.
    /// </summary>
    public const int MostTokens = 5;

    private const int MostNetworks = 50;

    /// <summary>
    /// Throws unless the content is sound. It must be canonical. <paramref name="present"/> is the content of an
    /// account that is changed: its owners and tenants may stay although they could not be chosen now.
    /// </summary>
    /// <exception cref="InvalidInputException">
    /// <c>name</c>, <c>purpose</c>, <c>owner_ids</c>, <c>rights</c>, <c>networks</c>, <c>tenant_ids</c>,
    /// <c>ends_on</c>, <c>token_ends_on</c>.
    /// </exception>
    internal static async Task DemandAsync(
        MasterContext db, ServiceAccountContent wanted, ServiceAccountContent? present, DateOnly? tokenEndsOn,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var checks = new List<(string Field, Message? Problem)>
        {
            ("purpose", wanted.Purpose is null ? new Message("service_purpose_required")
                : SafeText.Problem(wanted.Purpose, LongestPurpose)),
            ("owner_ids", await OwnersAsync(db, wanted, present, now, cancellationToken)),
            ("rights", RightsProblem(wanted.Rights)),
            ("networks", NetworksProblem(wanted.Networks)),
            ("tenant_ids", await TenantsAsync(db, wanted.TenantIds, present?.TenantIds, cancellationToken)),
            ("ends_on", DayProblem(wanted.EndsOn, now)),
        };
        if (present is null)
        {
            checks.Add(("name", await NameAsync(db, wanted.Name, cancellationToken)));
            checks.Add(("token_ends_on", tokenEndsOn is null ? null
                : DayProblem(tokenEndsOn, now) ?? AfterAccount(tokenEndsOn, wanted.EndsOn)));
        }

        var wrong = checks.Where(check => check.Problem is not null)
            .ToDictionary(check => check.Field, check => (IReadOnlyList<Message>)[check.Problem!]);
        if (wrong.Count > 0)
        {
            throw new InvalidInputException(wrong);
        }
    }

    /// <exception cref="InvalidInputException"><c>token_ends_on</c>.</exception>
    internal static void DemandTokenDay(DateOnly? endsOn, DateTimeOffset accountEndsAt, DateTimeOffset now)
    {
        if ((DayProblem(endsOn, now) ?? AfterAccount(endsOn, LimaTime.DayOf(accountEndsAt))) is { } problem)
        {
            throw new InvalidInputException("token_ends_on", problem);
        }
    }

    private static Message? AfterAccount(DateOnly? token, DateOnly? account) =>
        token > account ? new Message("service_token_after_account") : null;

    private static Message? DayProblem(DateOnly? day, DateTimeOffset now) =>
        day is null || day < LimaTime.DayOf(now) || day > LimaTime.DayOf(now).AddDays(MostDays)
            ? new Message("token_end_out_of_range", MostDays.ToString(CultureInfo.InvariantCulture)) : null;

    private static async Task<Message?> NameAsync(
        MasterContext db, string? name, CancellationToken cancellationToken) =>
        name is null || !Form().IsMatch(name) ? new Message("service_name_form")
            : await db.Set<ServiceAccount>().AnyAsync(a => a.Name == name, cancellationToken)
                ? new Message("service_name_taken") : null;

    private static async Task<Message?> OwnersAsync(
        MasterContext db, ServiceAccountContent wanted, ServiceAccountContent? present, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        if (wanted.OwnerIds.Count != 2)
        {
            return new Message("service_owners_two");
        }

        var added = wanted.OwnerIds.Except(present?.OwnerIds ?? []).ToList();
        var fit = await ServiceAccount.Present(db, now)
            .CountAsync(s => added.Contains(s.Id) && (s.PasswordHash != null || s.LastSignInAt != null),
                cancellationToken);
        return fit != added.Count || await IsLimitedBelowAsync(db, wanted, present, cancellationToken)
            ? new Message("service_owner_unknown") : null;
    }

    // A person without access to a tenant can't be responsible for a program that reads it. Only additions are checked,
    // so an account can always be narrowed.
    private static async Task<bool> IsLimitedBelowAsync(
        MasterContext db, ServiceAccountContent wanted, ServiceAccountContent? present,
        CancellationToken cancellationToken)
    {
        var widens = present is null || (present.TenantIds is { } had
            && (wanted.TenantIds is null || wanted.TenantIds.Except(had).Any()));
        var owners = widens ? [.. wanted.OwnerIds] : wanted.OwnerIds.Except(present!.OwnerIds).ToList();
        var limited = await db.Users.Where(s => owners.Contains(s.Id) && s.IsScoped).Select(s => s.Id)
            .ToListAsync(cancellationToken);
        if (limited.Count == 0 || wanted.TenantIds is null)
        {
            return limited.Count > 0;
        }

        var ids = wanted.TenantIds.ToList();
        var known = await db.Set<StaffScope>().CountAsync(
            s => limited.Contains(s.StaffId) && ids.Contains(s.TenantId), cancellationToken);
        return known != limited.Count * ids.Count;
    }

    private static Message? RightsProblem(IReadOnlyCollection<string> rights) =>
        rights.Count == 0 ? new Message("token_rights_required")
            : rights.Except(ServiceRights.All).FirstOrDefault() is { } wider
                ? new Message("service_rights_wider", Short(wider)) : null;

    private static Message? NetworksProblem(IReadOnlyCollection<string> networks) =>
        networks.Count == 0 ? new Message("service_networks_required")
            : networks.Count > MostNetworks
                ? new Message("service_networks_many", MostNetworks.ToString(CultureInfo.InvariantCulture))
                : networks.FirstOrDefault(n => SourceNetworks.Read(n) is null) is { } wrong
                    ? new Message("service_network_form", Short(wrong))
                    : networks.FirstOrDefault(SourceNetworks.IsTooWide) is { } wide
                        ? new Message("service_network_wide", wide) : null;

    // The text goes into an answer, so it is cut, and characters that must not be shown are left out.
    private static string Short(string text) =>
        SafeText.Problem(text) is null ? text.Length > 60 ? text[..60] : text : "…";

    private static async Task<Message?> TenantsAsync(
        MasterContext db, IReadOnlyCollection<int>? ids, IReadOnlyCollection<int>? present,
        CancellationToken cancellationToken)
    {
        if (ids is null)
        {
            return null;
        }

        if (ids.Count == 0)
        {
            return new Message("staff_scope_empty");
        }

        var added = ids.Except(present ?? []).ToList();
        var known = await db.Set<Tenant>().Where(t => added.Contains(t.Id)).Select(t => t.Id)
            .Union(db.Set<TrashedTenant>().Where(t => added.Contains(t.Id)).Select(t => t.Id))
            .CountAsync(cancellationToken);
        return known == added.Count ? null : new Message("tenant_unknown");
    }

    [GeneratedRegex("^[a-z][a-z0-9-]{1,38}[a-z0-9]$", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
