using System.Data.Common;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Registry.Master;

namespace Vigia.Tests.Infrastructure;

/// <summary>Notes the reads of a master's context, and asks the server how it runs them.</summary>
public sealed partial class ReadStatements : DbCommandInterceptor
{
    private readonly List<(string Sql, NpgsqlParameter[] Parameters)> _statements = [];

    public int Count => _statements.Count;

    /// <summary>The noted statements.</summary>
    public IEnumerable<string> Texts => _statements.Select(statement => statement.Sql);

    /// <summary>A factory of contexts of <paramref name="host"/> whose reads are noted.</summary>
    public IDbContextFactory<MasterContext> Factory(CoreHost host) => new NotingFactory(host, this);

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result,
        CancellationToken cancellationToken = default)
    {
        _statements.Add((command.CommandText, [.. command.Parameters.Cast<NpgsqlParameter>()]));
        return base.ReaderExecutingAsync(command, eventData, result, cancellationToken);
    }

    /// <summary>Forgets what was noted.</summary>
    public void Clear() => _statements.Clear();

    /// <summary>The plans of the noted statements.</summary>
    /// <param name="master">The master, with a role that may run the statements.</param>
    /// <param name="analyze">Whether the statements are run, so that the plans contain the rows of each node.</param>
    public async Task<List<string>> ExplainAsync(
        PostgresUrl master, CancellationToken cancellationToken, bool analyze = false)
    {
        await using var connection = await PostgresServer.OpenAsync(master, cancellationToken);
        var plans = new List<string>();
        foreach (var (sql, parameters) in _statements)
        {
            plans.Add(await ExplainAsync(
                connection, sql, [.. parameters.Select(p => p.Clone())], cancellationToken, analyze));
        }

        return plans;
    }

    /// <summary>The most rows that any node of an analysed plan returned.</summary>
    public static long MostRows(string plan) => Rows().Matches(plan)
        .Max(m => long.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)
            * long.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture));

    /// <summary>The most rows that any node of an analysed plan read and threw away.</summary>
    public static long MostRemoved(string plan) => Removed().Matches(plan)
        .Select(m => long.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)).DefaultIfEmpty().Max();

    /// <summary>The plan of one statement.</summary>
    public static async Task<string> ExplainAsync(
        NpgsqlConnection connection, string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken,
        bool analyze = false)
    {
        await using var command = new NpgsqlCommand(
            (analyze ? "EXPLAIN (ANALYZE, BUFFERS, TIMING off) " : "EXPLAIN ") + sql, connection);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var lines = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            lines.Add(reader.GetString(0));
        }

        return string.Join("\n", lines);
    }

    [GeneratedRegex(@"actual rows=(\d+) loops=(\d+)")]
    private static partial Regex Rows();

    [GeneratedRegex(@"Rows Removed by (?:Join Filter|Filter|Index Recheck): (\d+)")]
    private static partial Regex Removed();

    private sealed class NotingFactory(CoreHost host, ReadStatements statements) : IDbContextFactory<MasterContext>
    {
        public MasterContext CreateDbContext()
        {
            var options = new DbContextOptionsBuilder<MasterContext>(
                host.Services.GetRequiredService<DbContextOptions<MasterContext>>()).AddInterceptors(statements);
            return new MasterContext(options.Options);
        }
    }
}
