using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.ServiceAccounts;
using Vigia.Core.Staff.Team;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.ServiceAccounts;

/// <summary>A service account while a person fills it in.</summary>
public sealed class ServiceAccountForm
{
    private const int UsualDays = 180;

    /// <summary>A form for a new account, or with the content of <paramref name="account"/>.</summary>
    public ServiceAccountForm(ServiceAccountView? account, DateTimeOffset now)
    {
        Today = LimaTime.DayOf(now);
        Name = account?.Name ?? "";
        Purpose = account?.Purpose ?? "";
        FirstOwner = account is null ? "" : $"{account.Owners[0].Id}";
        SecondOwner = account is null ? "" : $"{account.Owners[1].Id}";
        Networks = string.Join('\n', account?.Networks ?? []);
        IsLimited = account?.TenantIds is not null;
        Rights = [.. account?.Rights ?? []];
        Tenants = [.. (account?.TenantIds ?? []).Select(id => new ScopedTenant(id, null))];
        EndsOn = (DateOnly?)(account is null ? Today.AddDays(UsualDays) : LimaTime.DayOf(account.EndsAt));
    }

    public DateOnly Today { get; }

    public DateOnly Latest => Today.AddDays(ServiceAccountRules.MostDays);

    public string Name { get; set; }

    public string Purpose { get; set; }

    public string FirstOwner { get; set; }

    public string SecondOwner { get; set; }

    /// <summary>One network in each line.</summary>
    public string Networks { get; set; }

    /// <summary>Whether the program may know only chosen tenants.</summary>
    public bool IsLimited { get; set; }

    /// <summary>The chosen tenants. Those of an account are there before anybody can change them; names follow.
    /// </summary>
    public List<ScopedTenant> Tenants { get; }

    public HashSet<string> Rights { get; }

    public DayEntry EndsOn { get; set; }

    public Dictionary<string, string> Errors { get; private set; } = [];

    /// <summary>Adds the names of chosen tenants. A tenant that is gone has no name any more.</summary>
    public void NameTenants(IReadOnlyDictionary<int, string?> names)
    {
        for (var i = 0; i < Tenants.Count; i++)
        {
            if (names.TryGetValue(Tenants[i].Id, out var name))
            {
                Tenants[i] = Tenants[i] with { LegalName = name };
            }
        }
    }

    public void Toggle(string right, bool wanted)
    {
        if (wanted)
        {
            Rights.Add(right);
        }
        else
        {
            Rights.Remove(right);
        }
    }

    public ServiceAccountContent ToContent() => new(
        Name, Purpose,
        [.. new[] { FirstOwner, SecondOwner }.Select(text => Guid.TryParse(text, out var id) ? id : (Guid?)null)
            .OfType<Guid>()],
        [.. ServiceRights.All.Where(Rights.Contains)], Networks.Split('\n'),
        IsLimited ? [.. Tenants.Select(tenant => tenant.Id)] : null, EndsOn.Day);

    public void Show(InvalidInputException? invalid) =>
        Errors = invalid?.Errors.ToDictionary(error => error.Key, error => error.Value[0].Render()) ?? [];

    public string? Error(string field) => Errors.GetValueOrDefault(field);

    public string Invalid(string field) => Errors.ContainsKey(field) ? "true" : "false";
}
