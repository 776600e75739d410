using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.ServiceAccounts;
using Vigia.Core.Staff.Team;
using Vigia.Portal.Components.ServiceAccounts;

namespace Vigia.Tests.Components.ServiceAccounts;

/// <summary>The content of the dialog about a service account.</summary>
public sealed class ServiceAccountFormTests
{
    private static readonly DateTimeOffset Now = new(2026, 12, 1, 12, 0, 0, TimeSpan.Zero);

    // A restored draft replaces the choice. A later answer must not add the account's tenants to it again.
    [Fact]
    public void Tenants_OfAnAccount_AreThereAtOnceAndNamesAddNone()
    {
        var form = new ServiceAccountForm(Account(1, 2), Now);
        Assert.Equal([1, 2], form.ToContent().TenantIds);
        form.Tenants.Clear();
        form.Tenants.AddRange([new ScopedTenant(2, null), new ScopedTenant(3, "Tres")]);

        form.NameTenants(new Dictionary<int, string?> { [1] = "Uno", [2] = "Dos" });

        Assert.Equal([new ScopedTenant(2, "Dos"), new ScopedTenant(3, "Tres")], form.Tenants);
    }

    private static ServiceAccountView Account(params int[] tenants) => new(
        Guid.NewGuid(), "backend", "Prueba",
        [new ServiceOwner(Guid.NewGuid(), "Ana", "ana@vigia.test", false),
            new ServiceOwner(Guid.NewGuid(), "Saúl", "saul@vigia.test", false)],
        [Rights.TenantsView], ["10.0.0.0/8"], tenants, Now.AddDays(30), Now, null, [])
    {
        Version = "1",
    };
}
