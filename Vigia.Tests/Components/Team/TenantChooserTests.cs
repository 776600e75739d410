using Bunit;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Staff.Team;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Team;
using Vigia.Tests.Components.Shared;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Components.Team;

public sealed class TenantChooserTests : ComponentTest, IClassFixture<TenantChooserTests.Portal>
{
    private readonly CoreHost _host;
    private readonly List<ScopedTenant> _chosen = [];
    private int _changes;

    public TenantChooserTests(Portal portal)
    {
        _host = portal.Host;
        Services.AddSingleton(_host.Get<TenantSearch>());
    }

    /// <summary>Two tenants whose names have a word in common.</summary>
    public sealed class Portal(PostgresServer server) : SharedCoreHost(server)
    {
        protected override async Task FillAsync()
        {
            foreach (var (name, subdomain, ruc) in new[]
            {
                ("Andina Norte S.A.C.", "andina-norte", 71_001), ("Andina Sur S.A.C.", "andina-sur", 71_002),
            })
            {
                await Host.Get<TenantRegistration>().RegisterAsync(
                    Host.Admin, new RegisterTenant
                    {
                        Ruc = Rucs.Next(ruc), Subdomain = subdomain, Provision = false,
                        Details = new TenantDetails
                        {
                            LegalName = name, AccessEmail = $"admin@{subdomain}.pe", Plan = "basico",
                            Environment = "produccion", MaxUsers = 5,
                        },
                    },
                    Cancellation);
            }
        }
    }

    [Fact]
    public void TenantChooser_Hit_IsChosenAndNotFoundAgain()
    {
        var chooser = Chooser();
        Search(chooser, "andina");
        chooser.WaitForAssertion(() => Assert.Equal(2, chooser.FindAll(".chooser-hits button").Count));
        Assert.Equal("2 encontrados", TextOf(chooser.Find("[role=status]")));

        chooser.FindAll(".chooser-hits button")
            .Single(button => TextOf(button).Contains("Norte", StringComparison.Ordinal)).Click();

        Assert.Equal("Andina Norte S.A.C.", Assert.Single(_chosen).LegalName);
        Assert.Equal(1, _changes);
        Assert.Equal($"{_chosen[0].Id}", chooser.Find("#chosen-tenants").GetAttribute("value"));
        Search(chooser, "andina");
        chooser.WaitForAssertion(() => Assert.Contains(
            "Andina Sur", TextOf(Assert.Single(chooser.FindAll(".chooser-hits button"))), StringComparison.Ordinal));
    }

    [Fact]
    public void TenantChooser_Enter_ChoosesTheFirstHit()
    {
        var chooser = Chooser();
        Search(chooser, "andina sur");

        // Also when the answer has not arrived yet.
        chooser.Find("#choose-tenants").KeyDown(new KeyboardEventArgs { Key = "Enter" });

        chooser.WaitForAssertion(() => Assert.Equal("Andina Sur S.A.C.", Assert.Single(_chosen).LegalName));
    }

    [Fact]
    public void TenantChooser_ChosenOne_CanBeTakenOut()
    {
        _chosen.Add(new ScopedTenant(9, "Lima S.A.C."));
        var chooser = Chooser();
        Assert.Equal("Quitar Lima S.A.C.", chooser.Find(".chips button").GetAttribute("aria-label"));

        chooser.Find(".chips button").Click();

        Assert.Empty(_chosen);
        Assert.Empty(chooser.FindAll(".chips"));
        Assert.Equal(1, _changes);
    }

    [Fact]
    public void TenantChooser_NothingFound_SaysSo()
    {
        var chooser = Chooser();

        Search(chooser, "no existe");

        chooser.WaitForAssertion(() => Assert.Equal("Ningún cliente coincide.", TextOf(chooser.Find("p"))));
    }

    private IRenderedComponent<TenantChooser> Chooser() => Render<TenantChooser>(p => p
        .Add(c => c.Chosen, _chosen).Add(c => c.Actor, _host.Admin).Add(c => c.Changed, () => _changes++));

    private static void Search(IRenderedComponent<TenantChooser> chooser, string text) =>
        chooser.Find("#choose-tenants").Input(text);
}
