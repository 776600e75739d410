using System.Reflection;
using Npgsql;
using Vigia.Core.Postgres;

namespace Vigia.Tests.Postgres;

/// <summary>
/// All error codes of PostgreSQL's appendix A: the transient ones are recognised, and no other code is taken for one of
/// them.
/// </summary>
public sealed class SqlStatesTests
{
    private static readonly Dictionary<string, string> Transient = new()
    {
        ["08000"] = "connection", ["08001"] = "can't connect", ["08003"] = "no such connection",
        ["08004"] = "connection refused by the server",
        ["08006"] = "connection failed", ["08007"] = "transaction resolution unknown",
        ["08P01"] = "protocol: what a pooler answers for much",
        ["25006"] = "a standby answers", ["25P03"] = "idle in transaction", ["25P04"] = "transaction timeout",
        ["40000"] = "rolled back", ["40001"] = "serialisation", ["40003"] = "completion unknown",
        ["40P01"] = "deadlock",
        ["53000"] = "resources", ["53100"] = "disk full", ["53200"] = "memory", ["53300"] = "connections",
        ["55006"] = "in use", ["55P03"] = "lock",
        ["57000"] = "intervention", ["57014"] = "cancelled", ["57P01"] = "shut down", ["57P02"] = "crashed",
        ["57P03"] = "starting",
        ["57P04"] = "database dropped", ["57P05"] = "idle session",
        ["58000"] = "system", ["58030"] = "I/O", ["72000"] = "snapshot", ["XX000"] = "internal",
    };

    // The codes for which Npgsql has no name.
    private static readonly string[] Unnamed = ["25P03", "25P04", "58P03", "2201G", "22P06", "0Z002", "HV00R"];

    [Fact]
    public void IsTransient_EveryCode_OnlyForPassingConditions()
    {
        var named = typeof(PostgresErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!);
        var all = named.Concat(Unnamed).Distinct().ToList();

        Assert.Equal(Transient.Keys.Order(StringComparer.Ordinal),
            all.Where(SqlStates.IsTransient).Order(StringComparer.Ordinal));
        Assert.True(all.Count > 200, $"{all.Count}");
    }
}
