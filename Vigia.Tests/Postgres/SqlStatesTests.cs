using System.Reflection;
using System.Security.Authentication;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Audit;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Postgres;

/// <summary>
/// All error codes of PostgreSQL's appendix A: the transient ones are recognised, and no other code is taken for one of
/// them.
/// </summary>
public sealed class SqlStatesTests(PostgresServer server)
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

    /// <summary>
    /// Severity, code, whether the server is unavailable, and whether rows of the trail are unreadable.
    /// </summary>
    public static TheoryData<string, string, bool, bool> Decided => new()
    {
        { "FATAL", "28000", true, false }, { "FATAL", "28P01", true, false }, { "FATAL", "53300", true, false },
        { "FATAL", "55000", true, false }, { "FATAL", "3D000", true, false }, { "FATAL", "42501", true, false },
        { "FATAL", "57P03", true, false }, { "FATAL", "58P01", true, false }, { "PANIC", "XX000", true, false },
        { "ERROR", "08006", true, false }, { "ERROR", "25006", true, false }, { "ERROR", "25P03", true, false },
        { "ERROR", "25P02", false, true }, { "ERROR", "53100", true, false }, { "ERROR", "53400", true, false },
        { "ERROR", "55000", false, true }, { "ERROR", "55P03", true, false }, { "ERROR", "57014", true, false },
        { "ERROR", "58000", true, false }, { "ERROR", "58030", true, false }, { "ERROR", "58P01", true, true },
        { "ERROR", "58P02", true, true }, { "ERROR", "XX000", false, false }, { "ERROR", "XX001", false, true },
        { "ERROR", "42501", false, true }, { "ERROR", "42703", false, true }, { "ERROR", "22P02", false, true },
    };

    [Theory]
    [MemberData(nameof(Decided))]
    public void Class_IsDecided_ForRequestsAndForTheTrail(
        string severity, string code, bool isUnavailable, bool isUnreadable)
    {
        var failure = new PostgresException("It says why.", severity, severity, code);
        foreach (var wrapped in new Exception[] { failure, new NpgsqlException("Outside", failure),
            new DbUpdateException("Outside", failure), new InvalidOperationException("Outside", failure) })
        {
            Assert.Equal(isUnavailable, TransientFailures.IsServerUnavailable(wrapped));
            Assert.Equal(isUnreadable, AuditUnreadable.Is(wrapped));
        }
    }

    // The real server has no TLS, and the client demands it.
    [Fact]
    public async Task Tls_ThatTheServerDoesNotHave_IsUnavailable()
    {
        var url = server.SuperuserUrl("postgres").ToConnectionStringBuilder();
        url.SslMode = SslMode.Require;
        var failure = await Assert.ThrowsAnyAsync<NpgsqlException>(
            () => PostgresSessions.OpenAsync(url, TestContext.Current.CancellationToken));

        Assert.True(TransientFailures.IsServerUnavailable(failure));
        Assert.True(TransientFailures.IsTransient(failure));
    }

    // SslStream throws this when the certificate is not trusted.
    [Fact]
    public void Tls_ThatFails_IsUnavailable_AndAFaultOfOursIsNot()
    {
        Assert.True(TransientFailures.IsServerUnavailable(new NpgsqlException(
            "Exception while performing SSL handshake", new AuthenticationException("The certificate is invalid."))));
        Assert.False(TransientFailures.IsServerUnavailable(new InvalidOperationException("No.")));
    }
}
