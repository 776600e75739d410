using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Postgres;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Postgres;

/// <summary>
/// A private cluster that can't run reports this in one sentence, and nothing is created in its place.
/// </summary>
public sealed class PrivateClusterRefusalTests : IDisposable
{
    private readonly TestFolder _folder = TestFolder.Create();

    private CancellationToken Cancellation { get; } = TestContext.Current.CancellationToken;

    private string DataDirectory => Path.Combine(_folder.Path, "postgres", "data");

    [Fact]
    public async Task Start_NoPostgresPrograms_AsksForAMaster()
    {
        var settings = new VigiaSettings { DataDirectory = _folder.Path };

        var refused = await Assert.ThrowsAsync<StartupException>(
            () => PrivateCluster.StartAsync(settings, [], Cancellation));

        Assert.Contains("MASTER_DATABASE_URL=", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task Start_OtherMajorVersion_NamesBoth()
    {
        await MakeAndStopAsync();
        await File.WriteAllTextAsync(Path.Combine(DataDirectory, "PG_VERSION"), "9\n", Cancellation);

        var refused = await RefusedAsync();

        Assert.Contains("was made by PostgreSQL 9", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_DataFolderMissing_MakesNoEmptyCluster()
    {
        await MakeAndStopAsync();
        Directory.Delete(DataDirectory, recursive: true);

        Assert.Contains("is gone", await RefusedAsync(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(DataDirectory));
    }

    [Fact]
    public async Task Start_PasswordFileMissing_NamesIt()
    {
        await MakeAndStopAsync();
        File.Delete(Path.Combine(_folder.Path, "cluster.json"));

        Assert.Contains("cluster.json", await RefusedAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_SecretKeyMissing_IsNotReplaced()
    {
        await MakeAndStopAsync();
        File.Delete(Path.Combine(_folder.Path, "secret_key"));

        Assert.Contains("secret_key", await RefusedAsync(), StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_folder.Path, "secret_key")));
    }

    [Fact]
    public async Task Start_FolderBelowAFile_IsRefused()
    {
        var file = Path.Combine(_folder.Path, "file");
        await File.WriteAllTextAsync(file, "", Cancellation);

        var refused = await Assert.ThrowsAsync<StartupException>(
            () => PrivateCluster.StartAsync(
                new VigiaSettings { DataDirectory = Path.Combine(file, "data") }, Cancellation));

        Assert.Contains("VIGIA_DATA_DIR", refused.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private async Task MakeAndStopAsync()
    {
        await using (await PrivateCluster.StartAsync(new VigiaSettings { DataDirectory = _folder.Path }, Cancellation))
        {
        }
    }

    private async Task<string> RefusedAsync()
    {
        var refused = await Assert.ThrowsAsync<StartupException>(
            () => PrivateCluster.StartAsync(new VigiaSettings { DataDirectory = _folder.Path }, Cancellation));
        Assert.True(refused.Message.Split('\n').Length <= 3, refused.Message);
        return refused.Message;
    }
}
