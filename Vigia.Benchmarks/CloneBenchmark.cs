using Npgsql;
using Vigia.Core.Postgres;

namespace Vigia.Benchmarks;

/// <summary>
/// Compares a new tenant's database with a plain CREATE DATABASE from the same template. The additional work of
/// provisioning must stay small, however large the schema is.
/// </summary>
internal static class CloneBenchmark
{
    private const double Most = 1.1;

    public static async Task<IReadOnlyList<Comparison>> RunAsync(
        World world, int rounds, CancellationToken cancellationToken)
    {
        // The first one creates the template. Work that is done only once is not measured.
        await world.ProvisionAsync(cancellationToken);
        var template = SqlIdentifier.Quote(await world.TemplateAsync(cancellationToken));
        await using var session = await World.OpenAsync(world.Master, cancellationToken);
        var (plain, cloned, step, others) =
            (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            plain.Add(await World.TimeAsync(
                () => World.ExecuteAsync(
                session, $"CREATE DATABASE bench_plain TEMPLATE {template}", cancellationToken)));
            await World.ExecuteAsync(session, "DROP DATABASE bench_plain", cancellationToken);
            cloned.Add(await World.TimeAsync(() => CloneAsync(session, template, cancellationToken)));
            await World.ExecuteAsync(session, "DROP DATABASE bench_ours", cancellationToken);
            var (database, steps) = await world.ProvisionAsync(cancellationToken);
            step.Add(steps["create_database"]);
            others.Add(steps.Where(s => s.Key != "create_database").Sum(s => s.Value));
            await World.ExecuteAsync(
                session, $"DROP DATABASE {SqlIdentifier.Quote(database)} WITH (FORCE)", cancellationToken);
        }

        return
        [
            new("clone, marked and named in one transaction, beside CREATE DATABASE ... TEMPLATE", plain, cloned, Most),
            new("the step create_database as it ran, with its look-ups and fenced sessions", plain, step, null),
            new("all other steps of provisioning together", plain, others, null),
        ];
    }

    // Does the same as DatabaseSteps.CreateAsync.
    private static async Task CloneAsync(
        NpgsqlConnection session, string quotedTemplate, CancellationToken cancellationToken)
    {
        var unclaimed = $"{DatabaseDdl.UnclaimedPrefix}{Guid.NewGuid():n}";
        await DatabaseDdl.CreateFromTemplateAsync(session, unclaimed, quotedTemplate.Trim('"'), cancellationToken);
        await DatabaseDdl.ClaimAsync(
            session, unclaimed, "bench_ours", "bench", allowConnections: true, cancellationToken);
    }
}
