using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Operations;

/// <summary>
/// The server ends a session in the middle of a step. Neither an interruption of ten seconds nor a configured timeout
/// ends the operation permanently.
/// </summary>
public sealed class InterruptedTests(PostgresServer server) : CoreTestBase(server)
{
    private readonly Interrupted _interrupted = new(server);

    protected override void Configure(IServiceCollection services) =>
        services.AddSingleton<OperationDefinition>(_interrupted);

    [Fact]
    public async Task Step_ServerEndsItsSession_IsRetriedAndSucceeds()
    {
        var newer = await Host.ScalarAsync<int>(
            "postgres", "SELECT current_setting('server_version_num')::int") >= 170_000;

        // An older server does not have this timeout. The test makes it raise the error that a newer server returns.
        var causes = Interrupted.Causes.Select(c => newer || c != "transaction_timeout" ? c : Interrupted.CodeOf(c))
            .ToList();
        var asked = new Dictionary<string, Guid>();
        await using (var db = await Host.OpenMasterAsync())
        {
            foreach (var cause in causes)
            {
                asked[cause] = Host.Get<OperationQueue>()
                    .Enqueue(db, Host.Admin, Interrupted.KindName, (OperationTarget?)null, cause,
                    OperationQueue.Person).Id;
            }

            await db.SaveChangesAsync(Cancellation);
        }

        foreach (var cause in causes)
        {
            var ended = await Host.EndOfAsync(asked[cause]);
            Assert.True(ended.State == OperationState.Succeeded, $"{cause}: {ended.State}, {ended.Error}");
            Assert.Equal((cause, 2), (cause, ended.Steps.Single().Attempt));
            Assert.Equal(Interrupted.CodeOf(cause), _interrupted.Codes[cause]);
        }
    }

    /// <summary>A step whose session is really ended the first time that the step runs.</summary>
    private sealed class Interrupted(PostgresServer server) : OperationDefinition
    {
        public static readonly OperationKind KindName = new("test_interrupted");

        /// <summary>
        /// The server's own timeouts, and errors that occur only on a standby or a broken disk. The test makes the
        /// server raise the latter.
        /// </summary>
        public static readonly string[] Causes =
            ["idle_in_transaction_session_timeout", "idle_session_timeout", "transaction_timeout", "57P01", "57P04",
                "55P03", "40001", "58030"];

        private readonly ConcurrentDictionary<Guid, bool> _begun = new();

        public ConcurrentDictionary<string, string> Codes { get; } = new();

        public override OperationKind Kind => KindName;

        public override string Right => Rights.OperationsControl;

        public static string CodeOf(string cause) => cause switch
        {
            "idle_in_transaction_session_timeout" => "25P03",
            "transaction_timeout" => "25P04",
            "idle_session_timeout" => "57P05",
            _ => cause,
        };

        public override IReadOnlyList<Step> StepsFor(Operation operation) => [new("once", RunAsync)];

        private async Task RunAsync(OperationContext context, CancellationToken cancellationToken)
        {
            if (!_begun.TryAdd(context.OperationId, true))
            {
                return;
            }

            var cause = context.Data<string>();
            try
            {
                await using var db = await context.OpenMasterAsync(cancellationToken);
                await db.Database.OpenConnectionAsync(cancellationToken);
                var session = (NpgsqlConnection)db.Database.GetDbConnection();
                await RaiseAsync(session, cause, cancellationToken);
            }
            catch (PostgresException e)
            {
                Codes[cause] = e.SqlState;
                throw;
            }
        }

        private async Task RaiseAsync(NpgsqlConnection session, string cause, CancellationToken cancellationToken)
        {
            if (!cause.EndsWith("timeout", StringComparison.Ordinal))
            {
                await ExecuteAsync(session,
                    $"DO $$ BEGIN RAISE EXCEPTION 'as a test wants it' USING ERRCODE = '{cause}'; END $$",
                    cancellationToken);
                return;
            }

            // The session is idle, outside or inside a transaction, until the server ends it.
            await using var transaction = cause == "idle_session_timeout" ? null
                : await session.BeginTransactionAsync(cancellationToken);
            await ExecuteAsync(session,
                cause == "idle_session_timeout" ? $"SET {cause} = '20ms'" : $"SET LOCAL {cause} = '20ms'",
                cancellationToken);
            await using var watch = await PostgresServer.OpenAsync(server.SuperuserUrl("postgres"), cancellationToken);
            await using var there =
                new NpgsqlCommand("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1)",
                watch)
                { Parameters = { new() { Value = session.ProcessID } } };
            await Eventually.HoldsAsync(
                "the server ends the session", async () => await there.ExecuteScalarAsync(cancellationToken) is false,
                cancellationToken);
            await ExecuteAsync(session, "SELECT 1", cancellationToken);
        }

        private static async Task ExecuteAsync(
            NpgsqlConnection session, string sql, CancellationToken cancellationToken)
        {
            await using var command = new NpgsqlCommand(sql, session);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
