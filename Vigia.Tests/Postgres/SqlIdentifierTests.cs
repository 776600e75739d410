using Npgsql;
using Vigia.Core.Postgres;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Postgres;

public sealed class SqlIdentifierTests(PostgresServer server)
{
    [Theory]
    [InlineData("vigia_demo-1", "\"vigia_demo-1\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("'; drop database x; --", "\"'; drop database x; --\"")]
    public void Quote_AnyName_IsOneIdentifier(string name, string expected) =>
        Assert.Equal(expected, SqlIdentifier.Quote(name));

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData("ñññññññññññññññññññññññññññññññññ")]
    public void Quote_ImpossibleIdentifier_Throws(string name) =>
        Assert.ThrowsAny<ArgumentException>(() => SqlIdentifier.Quote(name));

    // The argument of an attribute is stored as UTF-8, which can't contain a lone surrogate.
    [Fact]
    public void Quote_LoneSurrogate_Throws() =>
        Assert.ThrowsAny<ArgumentException>(() => SqlIdentifier.Quote("a\ud800"));

    [Theory]
    [InlineData("plain")]
    [InlineData("it's")]
    [InlineData(@"back\slash 'n quote")]
    public async Task Literal_AnyText_RoundTripsThroughTheServer(string text)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var connection = await PostgresServer.OpenAsync(server.PortalUrl("postgres"), cancellationToken);
        await using var command = new NpgsqlCommand("SELECT " + SqlLiteral.Quote(text), connection);

        Assert.Equal(text, await command.ExecuteScalarAsync(cancellationToken));
    }
}
