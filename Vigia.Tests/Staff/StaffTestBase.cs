using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Team;
using Vigia.Core.Staff.Tokens;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Staff;

/// <summary>A test about members of staff.</summary>
public abstract class StaffTestBase(PostgresServer server) : CoreTestBase(server)
{
    protected const string Password = "Un-caballo-verde-77";

    protected StaffChanges Changes => Host.Get<StaffChanges>();

    protected StaffLinks Links => Host.Get<StaffLinks>();

    protected StaffWelcome Welcome => Host.Get<StaffWelcome>();

    protected StaffProtection Protection => Host.Get<StaffProtection>();

    protected override bool Workers => false;

    protected static StaffAccess Access(params string[] roles) => new(roles, null, null);

    protected static string NewEmail(string stem) => $"{NewName(stem)}@vigia.test";

    protected Task<StaffDetails> DetailsAsync(Guid id) =>
        Host.Get<StaffDirectory>().GetAsync(Host.Admin, id, Cancellation);

    protected async Task<CredentialOutcome> SignInAsync(string email, string password)
    {
        await using var scope = Host.Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<StaffCredentials>()
            .CheckAsync(email, password, null, new SignInOrigin(null, null), Cancellation)).Outcome;
    }

    /// <summary>Adds an open session and a valid API token.</summary>
    protected async Task<(Guid SessionId, Guid TokenId)> AddHoldingsAsync(Guid staffId)
    {
        await using var db = await Host.OpenMasterAsync();
        var now = DateTimeOffset.UtcNow;
        var session = new SignInSession { StaffId = staffId, CreatedAt = now, LastInputAt = now, Method = "password" };
        var token = new ApiToken
        {
            StaffId = staffId, Name = "Informes", Prefix = "vgt_abc",
            TokenHash = Guid.NewGuid().ToByteArray(), CreatedAt = now, ExpiresAt = now.AddDays(30)
        };
        db.AddRange(session, token);
        await db.SaveChangesAsync(Cancellation);
        return (session.Id, token.Id);
    }

    /// <summary>Returns the newest audit record of an action.</summary>
    protected async Task<AuditEvent> RecordAsync(string action)
    {
        await using var db = await Host.OpenMasterAsync();
        return await db.Set<AuditEvent>().AsNoTracking().Where(e => e.Action == action).OrderByDescending(e => e.Seq)
            .FirstAsync(Cancellation);
    }

    /// <summary>Returns the time of the database, whose clock dates the history of roles.</summary>
    protected async Task<DateTimeOffset> NowAsync() =>
        new(await Host.ScalarAsync<DateTime>(Host.Master.Database, "SELECT clock_timestamp()"));

    protected Task ExecuteAsync(string sql) => PostgresServer.ExecuteAsync(Host.Master, sql, Cancellation);
}
