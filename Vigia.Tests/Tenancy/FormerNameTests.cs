using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenancy;

namespace Vigia.Tests.Tenancy;

/// <summary>Requests that use a former name of a tenant.</summary>
public sealed class FormerNameTests
{
    private static readonly DateTimeOffset Now = new(2026, 12, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _time = new(Now);
    private readonly TenantCatalog _catalog = new();
    private readonly TenantResolver _resolver;

    public FormerNameTests()
    {
        _resolver = new(_catalog, new TenantUrls("vigia.test"), _time);
        _catalog.Fill([Entry(1, "nuevo"), Entry(2, "otro"), Entry(3, "viejo3"), Entry(4, "cuarto")],
            [Alias("viejo", 1), Alias("VIEJO3", 4), Alias("app", 4), Alias("ido", 9)]);
    }

    [Theory]
    [InlineData("viejo", null, null)]
    [InlineData("VIEJO", null, null)]
    [InlineData(null, "viejo", null)]
    [InlineData(null, null, "viejo.vigia.test")]
    [InlineData("viejo", "viejo", "viejo.vigia.test")]
    [InlineData("nuevo", "viejo", null)]
    [InlineData("viejo", "nuevo", null)]
    [InlineData(null, "viejo", "nuevo.vigia.test")]
    [InlineData("nuevo", "nuevo", "Viejo.vigia.test:443")]
    public void Resolve_AnyClueWithTheFormerName_ReturnsRenamedWithTheNewEntry(
        string? header, string? claim, string? host)
    {
        var resolution = _resolver.Resolve(new(header, claim, host));

        Assert.Equal((TenantRefusal.Renamed, "nuevo"), (resolution.Refusal, resolution.Entry?.Subdomain));
    }

    [Theory]
    [InlineData("viejo", "otro", null)]
    [InlineData("otro", "viejo", null)]
    [InlineData(null, "otro", "viejo.vigia.test")]
    [InlineData("viejo", "nadie", null)]
    [InlineData("nadie", "viejo", null)]
    [InlineData("viejo", "VIEJO3", null)]
    public void Resolve_FormerNameAndAnotherTenant_IsMismatch(string? header, string? claim, string? host)
    {
        var resolution = _resolver.Resolve(new(header, claim, host));

        Assert.Equal((TenantRefusal.Mismatch, null), (resolution.Refusal, resolution.Entry));
    }

    // Two rows of a registry that was taken over differed in case only, and one of them was renamed.
    [Theory]
    [InlineData("viejo3", TenantRefusal.None, 3)]
    [InlineData("VIEJO3", TenantRefusal.Renamed, 4)]
    [InlineData("Viejo3", TenantRefusal.None, 3)]
    public void Resolve_NamesThatDifferInCase_LeadToTheirOwnTenants(string header, TenantRefusal refusal, int id)
    {
        var resolution = _resolver.Resolve(new(header, null, null));

        Assert.Equal((refusal, id), (resolution.Refusal, resolution.Entry?.Id));
    }

    [Fact]
    public void Resolve_FormerNameIsReserved_IsStillRead() => Assert.Equal(
        TenantRefusal.Renamed, _resolver.Resolve(new(null, null, "app.vigia.test")).Refusal);

    [Fact]
    public void Resolve_FormerNameAfterItsEnd_IsUnknown()
    {
        _time.SetUtcNow(Now.AddDays(30).AddTicks(-1));
        Assert.Equal(TenantRefusal.Renamed, _resolver.Resolve(new("viejo", null, null)).Refusal);

        _time.SetUtcNow(Now.AddDays(30));
        Assert.Equal(TenantRefusal.Unknown, _resolver.Resolve(new("viejo", null, null)).Refusal);
        Assert.Equal(TenantRefusal.Required, _resolver.Resolve(new(null, null, "app.vigia.test")).Refusal);
    }

    [Fact]
    public void Resolve_TenantIsNotInTheRegistry_IsUnknown() =>
        Assert.Equal(TenantRefusal.Unknown, _resolver.Resolve(new("ido", null, null)).Refusal);

    [Fact]
    public void Resolve_FormerNameThatAnotherTenantHas_LeadsToThatTenant()
    {
        _catalog.Replace([5], [Entry(5, "viejo")]);

        Assert.Equal((TenantRefusal.None, 5),
            _resolver.Resolve(new("viejo", null, null)) is var found ? (found.Refusal, found.Entry?.Id) : default);
    }

    [Fact]
    public void Replace_TenantGotItsNameBack_TheOtherNameIsTheFormerOne()
    {
        _catalog.Replace([1], [Entry(1, "viejo")], [Alias("nuevo", 1)]);

        Assert.Equal(TenantRefusal.None, _resolver.Resolve(new("viejo", null, null)).Refusal);
        var former = _resolver.Resolve(new("nuevo", null, null));
        Assert.Equal((TenantRefusal.Renamed, "viejo"), (former.Refusal, former.Entry?.Subdomain));
    }

    [Fact]
    public void Replace_TenantIsGone_ItsFormerNamesAreToo()
    {
        _catalog.Replace([1], []);

        Assert.Equal(TenantRefusal.Unknown, _resolver.Resolve(new("viejo", null, null)).Refusal);
        _catalog.Fill([Entry(2, "otro")]);
        Assert.Equal(TenantRefusal.Unknown, _resolver.Resolve(new("VIEJO3", null, null)).Refusal);
    }

    [Fact]
    public void Resolve_FormerName_AllocatesNothing()
    {
        var clues = new TenantClues("nuevo", "viejo", "viejo.vigia.test");
        _resolver.Resolve(clues);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            _resolver.Resolve(clues);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Resolve_AnyCombination_LeadsOnlyToTheTenantThatEachOfThemNames()
    {
        string?[] names = [null, "", "nuevo", "viejo", "VIEJO", "otro", "viejo3", "VIEJO3", "app", "ido", "nadie"];
        var name = Gen.Int[0, names.Length - 1].Select(i => names[i]);
        var host = name.Select(text => text is null ? null : $"{text}.vigia.test");

        Gen.Select(name, name, host).Sample((header, claim, where) =>
        {
            if (_resolver.Resolve(new(header, claim, where)).Entry is not { } entry)
            {
                return;
            }

            Assert.All(
                new TenantClues[] { new(header, null, null), new(null, claim, null), new(null, null, where) },
                clue => Assert.True(
                    _resolver.Resolve(clue).Entry is not { } alone || alone.Id == entry.Id, $"{clue}"));
        }, iter: 10_000);
    }

    [Fact]
    public void Refusal_Renamed_HasItsCodeAndStatus() => Assert.Equal((410, "tenant_renamed"),
        (TenantRefusals.StatusOf(TenantRefusal.Renamed), TenantRefusals.CodeOf(TenantRefusal.Renamed)));

    private static TenantEntry Entry(int id, string name) => new()
    {
        Id = id, Subdomain = name, DatabaseName = $"vigia_{id}", State = TenantState.Ready, IsActive = true,
    };

    private static TenantAlias Alias(string name, int tenantId) => new()
    {
        Name = name, TenantId = tenantId, StartedAt = Now, EndsAt = Now + TenantAlias.Lifetime,
    };
}
