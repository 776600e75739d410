using Npgsql;
using Vigia.Core.Postgres;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Postgres;

public sealed class ScramVerifierTests(PostgresServer server)
{
    [Fact]
    public async Task Create_SetAsPassword_OpensOnlyWithThatPassword()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var role = $"scram_{Guid.NewGuid():n}";
        var password = PasswordGenerator.Create();
        await PostgresServer.ExecuteAsync(
            server.PortalUrl("postgres"),
            $"CREATE ROLE {SqlIdentifier.Quote(role)} LOGIN "
            + $"PASSWORD {SqlLiteral.Quote(ScramVerifier.Create(password))}",
            cancellationToken);

        await using (await PostgresServer.OpenAsync(
            server.PortalUrl("postgres").WithUser(role, password), cancellationToken))
        {
        }

        var refused = await Assert.ThrowsAsync<PostgresException>(
            () => PostgresServer.OpenAsync(
                server.PortalUrl("postgres").WithUser(role, password + "x"), cancellationToken));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
        await PostgresServer.ExecuteAsync(
            server.PortalUrl("postgres"), $"DROP ROLE {SqlIdentifier.Quote(role)}", cancellationToken);
    }

    [Fact]
    public void Create_PasswordThatSaslPrepWouldChange_Throws() =>
        Assert.Throws<ArgumentException>(() => ScramVerifier.Create("contraseña"));
}
