using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Staff.SignIn;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Staff.SignIn;

/// <summary>
/// A test on the sign-in of staff: Core with a clock that the test moves and a password hasher that counts its calls.
/// </summary>
public abstract class SignInTestBase(PostgresServer server) : IAsyncLifetime
{
    private CoreHost? _host;

    protected CoreHost Host => _host ?? throw new InvalidOperationException("Not started.");

    protected FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

    protected CountingHasher Hasher { get; } = new();

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The people who must use a second factor.</summary>
    protected SecondFactorDemand Demand { get; set; }

    /// <summary>Whether <see cref="Hasher"/> takes the place of the product's own hasher.</summary>
    protected virtual bool CountsHashes => true;

    protected const string Email = "ana@vigia.test";

    public async ValueTask InitializeAsync() => _host = await CoreHost.StartAsync(server, workers: false, services =>
    {
        services.AddSingleton<TimeProvider>(Time);
        if (CountsHashes)
        {
            services.AddScoped<IPasswordHasher<StaffMember>>(_ => Hasher);
        }

        services.AddOptions<StaffOptions>().Configure(options => options.RequireSecondFactor = Demand);
    });

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected async Task<CredentialCheck> CheckAsync(
        string password, string? code = null, string email = Email, string address = "192.0.2.7", Guid? device = null)
    {
        await using var scope = Host.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<StaffCredentials>()
            .CheckAsync(email, password, code, new SignInOrigin(address, device), Cancellation);
    }

    /// <summary>The wait that a try is told, or null when it was looked at.</summary>
    protected async Task<TimeSpan?> WaitAsync(
        string password, string? code = null, string email = Email, string address = "192.0.2.7", Guid? device = null)
    {
        try
        {
            await CheckAsync(password, code, email, address, device);
            return null;
        }
        catch (TooManyTriesException tries)
        {
            return tries.Wait;
        }
    }

    /// <summary>Changes Ana's row.</summary>
    protected async Task ChangeAsync(Action<StaffMember> change)
    {
        await using var db = await Host.OpenMasterAsync();
        change(await db.Users.AsTracking().SingleAsync(s => s.Email == Email, Cancellation));
        await db.SaveChangesAsync(Cancellation);
    }

    protected async Task<StaffMember> AnaAsync()
    {
        await using var db = await Host.OpenMasterAsync();
        return await db.Users.SingleAsync(s => s.Email == Email, Cancellation);
    }

    /// <summary>Enables Ana's authenticator.</summary>
    protected async Task<(byte[] Secret, IReadOnlyList<string> Codes)> EnableAsync()
    {
        var secret = Totp.NewSecret();
        return (secret, await Host.Get<OwnSecondFactor>()
            .EnableAsync(Host.Admin, secret, Digits(secret), CoreHost.AdminPassword, Cancellation));
    }

    /// <summary>The code that Ana's authenticator app shows now.</summary>
    protected string Digits(byte[] secret) => Totp.Code(secret, Time.GetUtcNow().ToUnixTimeSeconds() / 30);

    protected Task<long> RecordsAsync(string action) =>
        Host.ScalarAsync<long>(
            Host.Master.Database, $"SELECT count(*) FROM portal.audit_events WHERE action = '{action}'");

    protected sealed class CountingHasher : IPasswordHasher<StaffMember>
    {
        private readonly PasswordHasher<StaffMember> _real = new();
        private int _verified;

        public int Verified => _verified;

        public string HashPassword(StaffMember user, string password) => _real.HashPassword(user, password);

        public PasswordVerificationResult VerifyHashedPassword(
            StaffMember user, string hashedPassword, string providedPassword)
        {
            Interlocked.Increment(ref _verified);
            return _real.VerifyHashedPassword(user, hashedPassword, providedPassword);
        }
    }
}
