using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Tenancy;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenancy;

/// <summary>
/// No request reaches the database of another tenant than its own, in any combination of clues. Each database has a row
/// with the name of its tenant, the canary.
/// </summary>
public sealed class TenantIsolationFuzzTests(PostgresServer server) : TenantSessionTestBase(server)
{
    private const int Requests = 10_000;
    private const string Domain = ".vigia.test";

    // Fewer than tenants, so that connections keep changing their tenant.
    protected override void Configure(IServiceCollection services) =>
        services.Configure<TenancyOptions>(o => o.ConnectionsPerServer = 3);

    [Fact]
    public async Task Requests_WithAnyHeaderClaimAndHost_NeverReachAnotherTenant()
    {
        var names = new List<string>();
        foreach (var stem in new[] { "uno", "dos", "tres", "cuatro" })
        {
            names.Add((await WithCanaryAsync(stem)).Tenant.Subdomain!);
        }

        var reached = new int[names.Count];
        var refused = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async number =>
        {
            var random = new Random(number);
            for (var i = 0; i < Requests / 4; i++)
            {
                var clues = Any(random, names);
                var resolution = Host.Get<TenantResolver>().Resolve(clues);
                if (resolution.IsRefused)
                {
                    Interlocked.Increment(ref refused);
                    continue;
                }

                var name = await ReadAsync<string>(resolution.Entry!, "SELECT name FROM canary");
                Assert.True(MayReach(clues, name), $"{clues} reached {name}");
                Interlocked.Increment(ref reached[names.IndexOf(name)]);
            }
        }));

        Assert.All(reached, count => Assert.InRange(count, 100, Requests));
        Assert.InRange(refused, 1_000, Requests);
        Assert.Equal(Requests, refused + reached.Sum());
    }

    // Decided without the resolver: at least one clue names a tenant, and all that do name this one.
    private static bool MayReach(TenantClues clues, string canary)
    {
        var host = clues.Host?.Split(':')[0].TrimEnd('.').ToLowerInvariant();
        string?[] said =
        [
            clues.Header?.ToLowerInvariant(), clues.Claim?.ToLowerInvariant(),
            host is not null && host.EndsWith(Domain, StringComparison.Ordinal) && host != $"www{Domain}"
                && host != Domain ? host[..^Domain.Length] : null,
        ];
        return said.Any(name => name is not null) && said.All(name => name is null || name == canary);
    }

    private static TenantClues Any(Random random, List<string> names)
    {
        // Most requests have the same name everywhere, so that many reach a database.
        var usual = names[random.Next(names.Count)];
        string? Text() => random.Next(10) switch
        {
            < 4 => usual,
            4 => usual.ToUpperInvariant(),
            5 => names[random.Next(names.Count)],
            6 => random.Next(4) switch { 0 => "", 1 => $"{usual},{names[0]}", 2 => "nadie", _ => $"{usual}\0" },
            _ => null,
        };
        var host = Text() is { } text
            ? random.Next(6) switch
            {
                0 => $"{text}{Domain}:8443",
                1 => $"{text}.VIGIA.TEST.",
                2 => $"{text}.otro.test",
                3 => $"www{Domain}",
                _ => text + Domain,
            } : random.Next(2) == 0 ? null : "localhost:5080";
        return new TenantClues(Text(), Text(), host);
    }
}
