using Npgsql;
using Vigia.Core.Foundation.Configuration;

namespace Vigia.Tests.Foundation.Configuration;

public sealed class PostgresUrlTests
{
    [Theory]
    [InlineData("postgresql+psycopg2://postgres:password@localhost:5432/vigia_master", "localhost", 5432,
        "vigia_master", "postgres", "password")]
    [InlineData("postgres://u@db/x", "db", 5432, "x", "u", "")]
    [InlineData("postgresql://db.example.com", "db.example.com", 5432, "", "", "")]
    [InlineData("postgresql+asyncpg://a%40b:p%40%2F%25@[::1]:6000/d%C3%B1", "::1", 6000, "dñ", "a@b", "p@/%")]
    [InlineData("postgresql://u:p/w?x@h/d", "h", 5432, "d", "u", "p/w?x")]
    [InlineData("postgresql:///d?host=/var/run/postgresql&port=5433", "/var/run/postgresql", 5433, "d", "", "")]
    public void Parse_UrlInAnyCommonForm_GivesItsParts(
        string text, string host, int port, string database, string user, string password)
    {
        var url = PostgresUrl.Parse(text);

        Assert.Equal((host, port, database, user, password),
            (url.Host, url.Port, url.Database, url.Username, url.Password));
        var builder = url.ToConnectionStringBuilder();
        Assert.Equal((host, port), (builder.Host, builder.Port));
        Assert.Equal(url.ToTextWithPassword(), PostgresUrl.Parse(url.ToTextWithPassword()).ToTextWithPassword());
    }

    [Fact]
    public void Parse_Options_ReachNpgsql()
    {
        var builder = PostgresUrl.Parse(
            "postgresql://u:p@h/d?sslmode=verify-full&connect_timeout=7&application_name=a%20b")
            .ToConnectionStringBuilder();

        Assert.Equal((SslMode.VerifyFull, 7, "a b"), (builder.SslMode, builder.Timeout, builder.ApplicationName));
    }

    [Theory]
    [InlineData("")]
    [InlineData("mysql://u:s3cret@h/d")]
    [InlineData("localhost:5432/d")]
    [InlineData("postgresql://u:s3cret@/d")]
    [InlineData("postgresql://u:s3cret@h:port/d")]
    [InlineData("postgresql://u:s3cret@h:99999/d")]
    [InlineData("postgresql://u:s3cret@h1,h2/d")]
    [InlineData("postgresql://u:s3cret@word@h/d")]
    [InlineData("postgresql://u:s3cret@h/d?sslmode=s3cret")]
    [InlineData("postgresql://u:s3cret@h/d?sslmode=")]
    [InlineData("postgresql://u:s3cret@h/d?passwrod=s3cret")]
    [InlineData("postgresql://u:s3cret@h/d#x")]
    [InlineData("postgresql://u:s3cret@h/d?client_encoding=latin1")]
    public void TryParse_InvalidUrl_SaysWhyWithoutThePassword(string text)
    {
        Assert.False(PostgresUrl.TryParse(text, out _, out var problem));

        Assert.NotEmpty(problem);
        Assert.DoesNotContain("s3cret", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Masked_AnyUrl_HidesThePassword()
    {
        var url = PostgresUrl.Parse("postgresql://u:s3cret@h/{db_name}?sslmode=require");

        Assert.Equal("postgresql://u:***@h:5432/{db_name}?sslmode=require", url.Masked);
        Assert.Equal(url.Masked, $"{url}");
    }
}
