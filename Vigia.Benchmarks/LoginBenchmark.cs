using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Tenancy;
using Vigia.Core.TenantSide;

namespace Vigia.Benchmarks;

/// <summary>
/// Measures the sign-in of a tenant's user without bcrypt: the look-up in the tenant's database, counting the try in
/// the master, forgetting it, and the token.
/// </summary>
internal static class LoginBenchmark
{
    private const double Most = 1.15;
    private const string Email = "rosa@banco.invalid";
    private const string Password = "una frase que recuerdo";

    public static async Task<bool> RunAsync(World world, int rounds, CancellationToken cancellationToken)
    {
        var (database, _) = await world.ProvisionAsync(cancellationToken);
        using var tenantSide = await world.StartTenantSideAsync(cancellationToken);
        var hash = await tenantSide.Services.GetRequiredService<TenantPasswords>()
            .HashAsync(Password, cancellationToken);
        await using (var session = await World.OpenAsync(world.Master.WithDatabase(database), cancellationToken))
        {
            await World.ExecuteAsync(
                session, $"""
                INSERT INTO users (email, hashed_password, roles) VALUES ('{Email}', '{hash}', ARRAY['qf'])
                """, cancellationToken);
        }

        var catalog = tenantSide.Services.GetRequiredService<TenantCatalog>();
        TenantEntry? tenant;
        while (!catalog.TryFind(database["vigia_".Length..], out tenant)
            || tenant.RefusalNow(TimeProvider.System) != TenantRefusal.None)
        {
            await Task.Delay(5, cancellationToken);
        }

        var (floor, ours) = (new List<double>(), new List<double>());
        for (var round = -3; round < rounds; round++)
        {
            var one = await World.TimeAsync(() => Task.Run(
                () => BCrypt.Net.BCrypt.Verify(Password, hash), cancellationToken));
            var other = await World.TimeAsync(() => SignInAsync(tenantSide.Services, tenant, cancellationToken));
            if (round >= 0)
            {
                (floor, ours) = ([.. floor, one], [.. ours, other]);
            }
        }

        var comparison = new Comparison("a sign-in of a tenant's user", floor, ours, Most);
        Console.WriteLine(comparison);
        await tenantSide.StopAsync(cancellationToken);
        return comparison.Holds;
    }

    private static async Task SignInAsync(
        IServiceProvider services, TenantEntry tenant, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        _ = await scope.ServiceProvider.GetRequiredService<TenantSignIn>().SignInAsync(
            tenant, Email, Password, new SignInOrigin("192.0.2.7", null), null, cancellationToken)
            ?? throw new InvalidOperationException("The sign-in was refused.");
    }
}
