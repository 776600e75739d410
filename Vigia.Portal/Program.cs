using Vigia.Core;
using Vigia.Portal.Api;
using Vigia.Portal.Api.TenantSide;
using Vigia.Portal.Components;
using Vigia.Portal.Components.SignIn;
using Vigia.Portal.Startup;

try
{
    MachineRequirements.Demand();
    if (await PortalCommands.RunAsync(args, CancellationToken.None) is { } exitCode) return exitCode;

    var builder = WebApplication.CreateBuilder(
        new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    var given = builder.AddVigiaSettings();
    builder.UsePortalAddress();
    await builder.DemandAddressesAsync();
    var (settings, privateCluster) = await builder.AddPrivateClusterAsync(given);
    await using var stoppedLast = privateCluster;
    builder.AddKnownProxies();
    builder.WebHost.UseStaticWebAssets();
    builder.AddVigiaLogging();
    builder.AddVigiaTelemetry();
    builder.AddVigiaHealth(settings.Roles);

    builder.Services.AddVigiaCore(settings);
    builder.AddPortalUi();
    builder.AddPortalApi();
    builder.AddTenantSide(settings);

    await using var app = builder.Build();
    app.UseReadableHosts();
    app.UseKnownProxies();
    app.MapVigiaHealth();
    app.MapTenantSide();
    app.MapPortalUi();

    await app.PrepareMasterAsync();
    await app.PrepareFirstSignInAsync();
    await app.RunAsync();
    return 0;
}
catch (Exception e) when (StartFailure.ExitCodeOf(e) is { } exitCode)
{
    await StartFailure.ReportAsync(e);
    return exitCode;
}
