using Bogus;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Postgres;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.Lifecycle.DemoData;

/// <summary>
/// Adds demonstration data to a tenant's database and removes it, each in one transaction. A demonstration row has
/// <c>es_demo</c> set or depends on a row that has.
/// </summary>
internal static class DemoDataRows
{
    /// <summary>The number of cases.</summary>
    public const int Cases = 200;

    /// <summary>Marks a demonstration report in its metadata, because its table has no column <c>es_demo</c>.</summary>
    public const string ReportMark = """{"demo": true}""";

    private const int Seed = 20_260_101;

    private const string PresentSql = "SELECT EXISTS (SELECT FROM public.icsr WHERE es_demo)";

    /// <summary>
    /// The tables with a column <c>es_demo</c>, in an order in which their rows can be deleted.
    /// </summary>
    internal static readonly string[] Tables =
    [
        "comprobantes", "senales", "icsr", "documentos", "surveillance_alerts", "fuentes_vigilancia", "ips_productos",
        "calendario_ips", "cap_programas", "products", "clients",
        "establecimientos", "users", "empleados",
    ];

    // Rows that the tenant's own rows refer to stay, and the caller reports how many. All other rows are deleted. Child
    // rows are deleted with their case, document or programme.
    private static readonly string RemoveSql = $$"""
        DO $$
        DECLARE
            of_table text;
            doomed record;
        BEGIN
            DELETE FROM public.ips_reportes WHERE metadatos @> '{"demo": true}';
            FOREACH of_table IN ARRAY ARRAY[{{string.Join(", ", Tables.Select(t => SqlLiteral.Quote(t)))}}] LOOP
                BEGIN
                    EXECUTE format('DELETE FROM public.%I WHERE es_demo', of_table);
                EXCEPTION WHEN foreign_key_violation OR restrict_violation THEN
                    FOR doomed IN EXECUTE format('SELECT ctid AS at FROM public.%I WHERE es_demo', of_table) LOOP
                        BEGIN
                            EXECUTE format('DELETE FROM public.%I WHERE ctid = $1', of_table) USING doomed.at;
                        EXCEPTION WHEN foreign_key_violation OR restrict_violation THEN
                            NULL;
                        END;
                    END LOOP;
                END;
            END LOOP;
        END $$;
        """;

    private static readonly string LeftSql =
        "SELECT " + string.Join(
            " + ", Tables.Select(t => $"(SELECT count(*) FROM public.{SqlIdentifier.Quote(t)} WHERE es_demo)"));

    /// <summary>Counts the demonstration rows, without rows that depend on them.</summary>
    public static async Task<long> CountAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(LeftSql, session);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>
    /// Adds the demonstration data unless it exists; cancelling leaves nothing. <paramref name="session"/> is in the
    /// tenant's database with the portal's role. <paramref name="actor"/> is the name that the tenant's own audit log
    /// shows.
    /// </summary>
    public static async Task FillAsync(
        NpgsqlConnection session, string actor, DateOnly today, CancellationToken cancellationToken)
    {
        await using var db = TenantContextFactory.On(session);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await ActAsAsync(session, actor, cancellationToken);
        await using (var present = new NpgsqlCommand(PresentSql, session))
        {
            if (await present.ExecuteScalarAsync(cancellationToken) is true)
            {
                return;
            }
        }

        db.ChangeTracker.AutoDetectChangesEnabled = false;
        await AddAsync(db, today, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Removes the demonstration data.</summary>
    /// <returns>How many rows stay because the tenant's own rows refer to them.</returns>
    public static async Task<long> RemoveAsync(
        NpgsqlConnection session, string actor, CancellationToken cancellationToken)
    {
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        await ActAsAsync(session, actor, cancellationToken);
        await using (var remove = new NpgsqlCommand(RemoveSql, session))
        {
            await remove.ExecuteNonQueryAsync(cancellationToken);
        }

        var left = await CountAsync(session, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return left;
    }

    private static async Task AddAsync(TenantContext db, DateOnly today, CancellationToken cancellationToken)
    {
        var faker = new Faker("es") { Random = new Randomizer(Seed) };
        var (company, cases) = (new DemoCompany(faker, today), new DemoCases(faker, today));
        var (employees, products, sources) = (company.Employees(), company.Products(), DemoCompany.Sources());
        db.AddRange(employees);
        db.AddRange(products);
        db.AddRange(sources);
        db.AddRange(company.BusinessPartners());
        db.AddRange(company.Establishments(await FreeEstablishmentsAsync(db, cancellationToken)));
        db.AddRange(DemoCompany.Documents());
        db.AddRange(company.Alerts(sources));
        var icsr = Enumerable.Range(1, Cases).Select(cases.Case).ToList();
        db.AddRange(icsr);
        await db.SaveChangesAsync(cancellationToken);

        var programmes = company.Programmes(employees);
        var sessions = company.Sessions(programmes).ToList();
        db.AddRange(programmes);
        db.AddRange(sessions);
        db.AddRange(sessions.SelectMany(s => employees.Select(e => company.Attendance(s, e))));
        var reported = products.Take(4).Select(DemoCompany.IpsProduct).ToList();
        db.AddRange(reported);
        db.AddRange(products.Select((p, i) => company.Calendar(p, i + 1)));
        var signals = products.Take(3).Select((p, i) => company.Signal(p, i + 1)).ToList();
        db.AddRange(signals);
        var parts = icsr.Select(one =>
        {
            var product = faker.PickRandom(products.AsEnumerable());
            var indication = DemoWords.Medicines.First(m => m.Ingredient == product.PrincipioActivo).Indication;
            return (Case: one, Suspect: cases.Suspect(one, product, indication),
                Events: Enumerable.Range(0, faker.Random.Int(1, 3)).Select(_ => cases.Event(one)).ToList());
        }).ToList();
        db.AddRange(parts.Select(p => p.Suspect));
        db.AddRange(parts.SelectMany(p => p.Events));
        db.AddRange(icsr.Where(_ => faker.Random.Bool(0.5f)).Select(cases.Concomitant));
        db.AddRange(icsr.SelectMany(cases.Plan));
        db.AddRange(icsr.Where(_ => faker.Random.Bool(0.5f)).SelectMany(cases.Thread));
        db.AddRange(icsr.Where(_ => faker.Random.Bool(0.4f)).Select(cases.Test));
        db.AddRange(icsr.Where(_ => faker.Random.Bool(0.5f)).Select(cases.History));
        db.AddRange(icsr.Select(DemoCases.Submission).OfType<DigemidSubmission>());
        db.ChangeTracker.DetectChanges();
        await db.SaveChangesAsync(cancellationToken);

        db.AddRange(parts.Select(p => cases.Assessment(p.Case, p.Events[0], p.Suspect)).OfType<CausalityAssessment>());
        db.AddRange(reported.Select(company.Report));
        db.AddRange(signals.SelectMany(
            s => icsr.Where(_ => faker.Random.Bool(0.03f))
            .Select(c => new SignalCase { SenalId = s.Id, IcsrId = c.Id })));
        await db.SaveChangesAsync(cancellationToken);
    }

    private static async Task<int> FreeEstablishmentsAsync(TenantContext db, CancellationToken cancellationToken)
    {
        var usage = await db.Usage.AsNoTracking()
            .SingleAsync(u => u.Limite == "max_establecimientos", cancellationToken);
        return usage.Maximo is { } most ? Math.Max(0, most - usage.Usado) : int.MaxValue;
    }

    private static async Task ActAsAsync(NpgsqlConnection session, string actor, CancellationToken cancellationToken)
    {
        await using var command =
            new NpgsqlCommand("SELECT set_config('vigia.actor', $1, true)",
            session)
            { Parameters = { new() { Value = actor } } };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
