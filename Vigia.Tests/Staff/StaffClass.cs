using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Audit;
using Vigia.Core.Staff;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Staff;

/// <summary>A test about members of staff.</summary>
public abstract class StaffClass(PostgresServer server) : CoreClass(server)
{
    protected const string Password = "Un-caballo-verde-77";

    protected StaffChanges Changes => Host.Get<StaffChanges>();

    protected StaffLinks Links => Host.Get<StaffLinks>();

    protected StaffWelcome Welcome => Host.Get<StaffWelcome>();

    protected StaffSafety Safety => Host.Get<StaffSafety>();

    protected override bool Workers => false;

    protected static StaffAccess Access(params string[] roles) => new(roles, null, null);

    protected static string NewEmail(string stem) => $"{NewName(stem)}@vigia.test";

    protected Task<StaffDetails> DetailsAsync(Guid id) => Host.Get<StaffDirectory>().GetAsync(Host.Admin, id, Cancellation);

    protected async Task<CredentialOutcome> SignInAsync(string email, string password)
    {
        await using var scope = Host.Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<StaffCredentials>().CheckAsync(email, password, null, null, Cancellation)).Outcome;
    }

    /// <summary>An open sign-in and a token that works.</summary>
    protected async Task<(Guid SessionId, Guid TokenId)> AddHoldingsAsync(Guid staffId)
    {
        await using var db = await Host.OpenMasterAsync();
        var now = DateTimeOffset.UtcNow;
        var session = new SignInSession { StaffId = staffId, CreatedAt = now, LastInputAt = now, Method = "password" };
        var token = new ApiToken { StaffId = staffId, Name = "Informes", Prefix = "vgt_abc", TokenHash = Guid.NewGuid().ToByteArray(), CreatedAt = now, ExpiresAt = now.AddDays(30) };
        db.AddRange(session, token);
        await db.SaveChangesAsync(Cancellation);
        return (session.Id, token.Id);
    }

    /// <summary>The newest record of an action.</summary>
    protected async Task<AuditEvent> RecordAsync(string action)
    {
        await using var db = await Host.OpenMasterAsync();
        return await db.AuditEvents.AsNoTracking().Where(e => e.Action == action).OrderByDescending(e => e.Seq).FirstAsync(Cancellation);
    }

    /// <summary>The moment it is in the database, whose clock the history of roles is kept by.</summary>
    protected async Task<DateTimeOffset> NowAsync() => new(await Host.ScalarAsync<DateTime>(Host.Master.Database, "SELECT clock_timestamp()"));

    protected Task ExecuteAsync(string sql) => PostgresServer.ExecuteAsync(Host.Master, sql, Cancellation);
}
