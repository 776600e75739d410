using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenancy;

namespace Vigia.Tests.Tenancy;

/// <summary>Finding the tenant of a request, and the refusals when there is none.</summary>
public sealed class TenantResolverTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);
    private readonly TenantCatalog _catalog = new();
    private readonly TenantResolver _resolver;

    public TenantResolverTests()
    {
        _resolver = new(_catalog, new TenantUrls("vigia.test"), new FakeTimeProvider(Now));
        _catalog.Fill(
        [
            Entry(1, "empresa1"), Entry(2, "empresa2"), Entry(3, "EMPRESA3"), Entry(4, "empresa3"), Entry(5, "app"),
        ]);
    }

    [Theory]
    [InlineData("empresa1", null, null, 1, TenantStrategy.Header)]
    [InlineData("EMPRESA1", null, null, 1, TenantStrategy.Header)]
    [InlineData("empresa1", "empresa1", "empresa1.vigia.test", 1, TenantStrategy.Header)]
    [InlineData("empresa1", "EMPRESA1", "Empresa1.VIGIA.test:8443", 1, TenantStrategy.Header)]
    [InlineData(null, "empresa2", null, 2, TenantStrategy.Claim)]
    [InlineData(null, "empresa2", "localhost:5080", 2, TenantStrategy.Claim)]
    [InlineData(null, null, "empresa2.vigia.test", 2, TenantStrategy.Host)]
    [InlineData(null, null, "empresa2.vigia.test.", 2, TenantStrategy.Host)]
    [InlineData("empresa1", null, "www.vigia.test", 1, TenantStrategy.Header)]
    [InlineData("empresa1", null, "API.vigia.test:443", 1, TenantStrategy.Header)]
    [InlineData("empresa1", null, "vigia.test", 1, TenantStrategy.Header)]
    [InlineData("empresa1", null, "[::1]:5080", 1, TenantStrategy.Header)]
    [InlineData("empresa1", null, "empresa2.vigia.test.evil.example", 1, TenantStrategy.Header)]
    [InlineData(null, null, "app.vigia.test", 5, TenantStrategy.Host)]
    [InlineData("EMPRESA3", "EMPRESA3", null, 3, TenantStrategy.Header)]
    [InlineData("empresa3", "empresa3", null, 4, TenantStrategy.Header)]
    public void Resolve_AllCluesAgree_ReturnsThatTenant(
        string? header, string? claim, string? host, int id, TenantStrategy strategy)
    {
        var resolution = _resolver.Resolve(new(header, claim, host));

        Assert.Equal((id, TenantRefusal.None, strategy),
            (resolution.Entry?.Id, resolution.Refusal, resolution.Strategy));
    }

    /// <summary>A registry that was taken over may hold capitals, and browsers write each host in lower case.</summary>
    [Fact]
    public void Resolve_HostOfANameWithCapitals_IsThatTenantWhileNoOtherDiffersInCaseOnly()
    {
        _catalog.Fill([Entry(6, "Botica"), Entry(7, "DROGUERIA")]);
        TenantResolution At(string host, string? claim = null) => _resolver.Resolve(new(null, claim, host));

        Assert.Equal((6, 7), (At("botica.vigia.test").Entry?.Id, At("drogueria.vigia.test").Entry?.Id));
        Assert.Equal(6, At("botica.vigia.test", "Botica").Entry?.Id);
        Assert.Equal(TenantRefusal.Mismatch, At("botica.vigia.test", "DROGUERIA").Refusal);

        _catalog.Replace([8], [Entry(8, "BOTICA")]);
        Assert.Equal(TenantRefusal.Unknown, At("botica.vigia.test").Refusal);
        _catalog.Replace([9], [Entry(9, "botica")]);
        Assert.Equal(9, At("botica.vigia.test").Entry?.Id);
        _catalog.Replace([8, 9], []);
        Assert.Equal(6, At("botica.vigia.test").Entry?.Id);
        _catalog.Replace([6], [Entry(6, "otra")]);
        Assert.Equal(TenantRefusal.Unknown, At("botica.vigia.test").Refusal);
    }

    [Theory]
    [InlineData(null, null, null, 0, TenantRefusal.None, TenantStrategy.Legacy)]
    [InlineData(null, null, "localhost:5080", 0, TenantRefusal.None, TenantStrategy.Legacy)]
    [InlineData(null, null, "www.vigia.test", 0, TenantRefusal.None, TenantStrategy.Legacy)]
    [InlineData("legacy", null, null, 0, TenantRefusal.None, TenantStrategy.Header)]
    [InlineData("Legacy", "legacy", "legacy.vigia.test", 0, TenantRefusal.None, TenantStrategy.Header)]
    [InlineData(null, "legacy", null, 0, TenantRefusal.None, TenantStrategy.Claim)]
    [InlineData("empresa1", null, null, 1, TenantRefusal.None, TenantStrategy.Header)]
    [InlineData("nadie", null, null, null, TenantRefusal.Unknown, TenantStrategy.Header)]
    [InlineData(null, null, "nadie.vigia.test", null, TenantRefusal.Unknown, TenantStrategy.Host)]
    [InlineData("empresa1", "legacy", null, null, TenantRefusal.Mismatch, TenantStrategy.Header)]
    [InlineData("", null, null, null, TenantRefusal.HeaderInvalid, TenantStrategy.Header)]
    public void Resolve_OnlyTenantOfAnInstallation_IsThatOfRequestsThatNameNone(
        string? header, string? claim, string? host, int? id, TenantRefusal refusal, TenantStrategy strategy)
    {
        var catalog = new TenantCatalog(Entry(LegacyTenant.Id, LegacyTenant.Name));
        var resolver = new TenantResolver(catalog, new TenantUrls("vigia.test"), new FakeTimeProvider(Now));
        Assert.Equal((TenantStrategy.Legacy, 0),
            (resolver.Resolve(default).Strategy, resolver.Resolve(default).Entry?.Id));

        // A row of that name, which somebody wrote with psql, does not take its place. Nor does an empty registry.
        catalog.Fill([]);
        catalog.Fill([Entry(1, "empresa1"), Entry(2, LegacyTenant.Name)]);
        catalog.Replace([2], [Entry(2, LegacyTenant.Name)]);
        catalog.Replace([2], []);

        var resolution = resolver.Resolve(new(header, claim, host));

        Assert.Equal((id, refusal, strategy), (resolution.Entry?.Id, resolution.Refusal, resolution.Strategy));
        Assert.Equal(2, catalog.Count);
    }

    [Theory]
    [InlineData("empresa1", "empresa2", null)]
    [InlineData("empresa1", null, "empresa2.vigia.test")]
    [InlineData(null, "empresa1", "empresa2.vigia.test")]
    [InlineData("empresa1", "empresa1", "empresa2.vigia.test")]
    [InlineData("empresa1", "nadie", null)]
    [InlineData("nadie", "empresa1", null)]
    [InlineData("nadie", "ninguno", null)]
    [InlineData("empresa1", "legacy", null)]
    [InlineData("empresa1", "", null)]
    [InlineData("EMPRESA3", "empresa3", null)]
    [InlineData("EMPRESA3", null, "empresa3.vigia.test")]
    [InlineData("empresa1", null, "app.vigia.test")]
    [InlineData("empresa1", null, "x.empresa1.vigia.test")]
    public void Resolve_CluesDisagree_IsRefusedWithoutNamingATenant(string? header, string? claim, string? host)
    {
        var resolution = _resolver.Resolve(new(header, claim, host));

        Assert.Equal((null, TenantRefusal.Mismatch), (resolution.Entry, resolution.Refusal));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" empresa1")]
    [InlineData("empresa1,empresa2")]
    [InlineData("empresa1.vigia.test")]
    [InlineData("ñandu")]
    [InlineData("empresa1\0")]
    [InlineData("empresa\u200d1")]
    [InlineData("../empresa1")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Resolve_HeaderIsNoSubdomain_IsRefusedWithAnyOtherClue(string header)
    {
        var resolution = _resolver.Resolve(new(header, "empresa1", "empresa1.vigia.test"));

        Assert.Equal(TenantRefusal.HeaderInvalid, resolution.Refusal);
        Assert.Null(resolution.Entry);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("vigia.test")]
    [InlineData("www.vigia.test")]
    [InlineData("127.0.0.1:5080")]
    [InlineData("[::1]")]
    [InlineData("otravigia.test")]
    public void Resolve_NoClue_ReturnsRequired(string? host) =>
        Assert.Equal(TenantRefusal.Required, _resolver.Resolve(new(null, null, host)).Refusal);

    [Theory]
    [InlineData("nadie", null, null)]
    [InlineData(null, "nadie", null)]
    [InlineData(null, "", null)]
    [InlineData(null, null, "nadie.vigia.test")]
    [InlineData(null, null, "a.empresa1.vigia.test")]
    public void Resolve_UnknownName_IsUnknownOnlyWhileTheCatalogueIsCurrent(
        string? header, string? claim, string? host)
    {
        Assert.Equal(TenantRefusal.Unknown, _resolver.Resolve(new(header, claim, host)).Refusal);

        _catalog.MarkStale();
        Assert.Equal(TenantRefusal.RegistryUnavailable, _resolver.Resolve(new(header, claim, host)).Refusal);
        Assert.Equal(1, _resolver.Resolve(new("empresa1", null, null)).Entry?.Id);
        Assert.Equal(TenantRefusal.RegistryUnavailable,
            new TenantResolver(new(), new("vigia.test"), TimeProvider.System).Resolve(new("x", null, null)).Refusal);
    }

    [Theory]
    [InlineData(TenantState.Ready, true, 1, DatabaseCondition.Usable, TenantRefusal.None)]
    [InlineData(TenantState.Ready, true, null, DatabaseCondition.Usable, TenantRefusal.None)]
    [InlineData(TenantState.Ready, true, 0, DatabaseCondition.Usable, TenantRefusal.Inactive)]
    [InlineData(TenantState.Ready, true, -1, DatabaseCondition.Missing, TenantRefusal.Inactive)]
    [InlineData(TenantState.Ready, false, null, DatabaseCondition.Usable, TenantRefusal.Inactive)]
    [InlineData(TenantState.Ready, false, null, DatabaseCondition.Missing, TenantRefusal.Inactive)]
    [InlineData(TenantState.Ready, true, null, DatabaseCondition.Missing, TenantRefusal.DatabaseMissing)]
    [InlineData(TenantState.Ready, true, null, DatabaseCondition.Unreachable, TenantRefusal.DatabaseUnreachable)]
    [InlineData(TenantState.Deleting, false, null, DatabaseCondition.Usable, TenantRefusal.Inactive)]
    [InlineData(TenantState.Registered, false, null, DatabaseCondition.Usable, TenantRefusal.NotReady)]
    [InlineData(TenantState.Provisioning, false, null, DatabaseCondition.Missing, TenantRefusal.NotReady)]
    [InlineData(TenantState.Failed, false, null, DatabaseCondition.Usable, TenantRefusal.NotReady)]
    [InlineData(TenantState.Unmanaged, true, null, DatabaseCondition.Usable, TenantRefusal.NotReady)]
    [InlineData(TenantState.Unmanaged, false, null, DatabaseCondition.Usable, TenantRefusal.Inactive)]
    public void Resolve_EachStateOfTheTenant_ReturnsItsRefusal(
        TenantState state, bool isActive, int? endsInDays, DatabaseCondition database, TenantRefusal refusal)
    {
        _catalog.Replace([9],
        [
            new TenantEntry
            {
                Id = 9, Subdomain = "nueve", DatabaseName = "vigia_nueve", State = state, IsActive = isActive,
                ExpiresAt = endsInDays is { } days ? Now.AddDays(days) : null, Database = database,
            },
        ]);

        var resolution = _resolver.Resolve(new("nueve", null, null));

        Assert.Equal((9, refusal), (resolution.Entry?.Id, resolution.Refusal));
    }

    [Theory]
    [InlineData(TenantRefusal.HeaderInvalid, 400, "tenant_header_invalid")]
    [InlineData(TenantRefusal.Required, 400, "tenant_required")]
    [InlineData(TenantRefusal.Mismatch, 403, "tenant_mismatch")]
    [InlineData(TenantRefusal.Unknown, 404, "tenant_unknown")]
    [InlineData(TenantRefusal.Inactive, 403, "tenant_inactive")]
    [InlineData(TenantRefusal.NotReady, 503, "tenant_not_ready")]
    [InlineData(TenantRefusal.DatabaseMissing, 503, "database_missing")]
    [InlineData(TenantRefusal.DatabaseUnreachable, 503, "database_unreachable")]
    [InlineData(TenantRefusal.RegistryUnavailable, 503, "registry_unavailable")]
    [InlineData(TenantRefusal.ConnectionsBusy, 503, "connections_busy")]
    public void Refusal_HasOneStatusAndOneCode(TenantRefusal refusal, int status, string code) =>
        Assert.Equal((status, code), (TenantRefusals.StatusOf(refusal), TenantRefusals.CodeOf(refusal)));

    [Fact]
    public void Resolve_AnyCombination_NeverReachesATenantThatOneOfThemDoesNotName()
    {
        string?[] names = [null, "", "empresa1", "EMPRESA1", "empresa2", "EMPRESA3", "empresa3", "app", "www", "nadie"];
        string[] ends = [".vigia.test", ".VIGIA.TEST:8443", ".other.test", ""];
        var name = Gen.Int[0, names.Length - 1].Select(i => names[i]);
        var host = Gen.Select(name, Gen.Int[0, ends.Length - 1].Select(i => ends[i]),
            (text, end) => text is null ? null : text + end);

        Gen.Select(name, name, host).Sample((header, claim, where) =>
        {
            if (_resolver.Resolve(new(header, claim, where)).Entry is not { } entry)
            {
                return;
            }

            // Each of those that name a tenant, alone, names the same one or none.
            Assert.All(
                new TenantClues[] { new(header, null, null), new(null, claim, null), new(null, null, where) },
                clue => Assert.True(
                    _resolver.Resolve(clue).Entry is not { } alone || ReferenceEquals(alone, entry), $"{clue}"));
        }, iter: 10_000);
    }

    [Fact]
    public void Resolve_ManyTimes_AllocatesNothing()
    {
        TenantClues[] clues =
        [
            new("empresa1", null, null), new("EMPRESA1", "empresa1", "Empresa1.vigia.test"),
            new(null, null, "empresa2.vigia.test:443"), new("nadie", null, null), new("empresa1", "empresa2", null),
            new("", null, null), new(null, null, "www.vigia.test"),
        ];
        long Allocated()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var round = 0; round < 1_000; round++)
            {
                foreach (ref readonly var clue in clues.AsSpan())
                {
                    _resolver.Resolve(clue);
                }
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Allocated();
        Assert.Equal(0, Allocated());
    }

    private static TenantEntry Entry(int id, string subdomain) => new()
    {
        Id = id, Subdomain = subdomain, DatabaseName = $"vigia_{subdomain}", State = TenantState.Ready, IsActive = true,
    };
}
