using Vigia.Core.Staff.SignIn;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Browser;

/// <summary>
/// The published program with thirty tenants, behind a line that counts its bytes. The portal inside the tests prepares
/// the master and is not measured.
/// </summary>
public sealed class PublishedHost(PostgresServer server) : PortalHost(server)
{
    private readonly TestFolder _folder = TestFolder.Create();
    private PortalProcess? _program;
    private TcpProxy? _line;

    /// <summary>Counts what goes between the browser and the program.</summary>
    public TcpProxy Line => _line!;

    public override Uri BrowserAddress => new($"http://127.0.0.1:{Line.Port}");

    protected override async Task FillAsync()
    {
        for (var i = 0; i < 30; i++)
        {
            await this.RegisterAsync(PortalTenants.NewName($"cliente{i}"), provision: false);
        }

        var program = await PublishedProgram.PublishAsync(
            Path.Combine(_folder.Path, "program"), TestContext.Current.CancellationToken);
        _program = PortalProcess.Start([], new Dictionary<string, string>
        {
            ["MASTER_DATABASE_URL"] = Master.ToTextWithPassword(),
            ["SECRET_KEY"] = SecretKey,
            ["VIGIA_ROLES"] = "staff",
            ["Staff__RequireSecondFactor"] = nameof(SecondFactorDemand.None),
        }, program: program);
        await _program.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        _line = TcpProxy.InFrontOf(_program.Address.Host, _program.Address.Port);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_line is not null)
        {
            await _line.DisposeAsync();
        }

        if (_program is not null)
        {
            await _program.DisposeAsync();
        }

        await base.DisposeAsync();
        _folder.Dispose();
    }
}
