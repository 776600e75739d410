using Microsoft.Extensions.Configuration;
using Vigia.Portal.Startup;

namespace Vigia.Tests.Startup;

public sealed class DotEnvFileTests
{
    [Fact]
    public async Task AddDotEnv_FilesOfTheProduct_KeepEveryCharacter()
    {
        var folder = Directory.CreateTempSubdirectory("vigia-env-").FullName;
        await File.WriteAllTextAsync(
            Path.Combine(folder, ".env"),
            "# the product's file\nMASTER_DATABASE_URL=postgresql://u:pa$word#1@h/m?sslmode=require\n"
            + "SECRET_KEY=\"a # b\"\nSAAS_BASE_DOMAIN=a.com # said twice\nDemo__Days=5\n",
            TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(folder, ".env.local"), "saas_base_domain=b.com\n", TestContext.Current.CancellationToken);
        var configuration = new ConfigurationManager();

        configuration.AddDotEnv(folder);

        Assert.Equal("postgresql://u:pa$word#1@h/m?sslmode=require", configuration["MASTER_DATABASE_URL"]);
        Assert.Equal("a # b", configuration["SECRET_KEY"]);
        Assert.Equal("b.com", configuration["SAAS_BASE_DOMAIN"]);
        Assert.Equal("5", configuration["Demo:Days"]);
    }
}
