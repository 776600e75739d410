using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.Tokens;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Api;

/// <summary>The events of an operation while the master is away for a moment.</summary>
[Collection(nameof(SubjectHost))]
public sealed class EventsAwayTests(SubjectHost host)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_MasterAwayForAMoment_GoOnToTheEnd()
    {
        var administrator = await host.AdministratorAsync();
        var issued = await host.Services.GetRequiredService<ApiTokens>().CreateAsync(
            administrator, new NewApiToken(
                PortalTenants.NewName("token"), [Rights.OperationsView],
                DateOnly.FromDateTime(DateTime.UtcNow.AddDays(2))),
            PortalHost.AdministratorPassword, Cancellation);
        using var api = new ApiCalls(host.Address, issued.Token);
        await host.PauseAsync(true);
        var (_, operation) = await host.RegisterAsync(PortalTenants.NewName("lejos"));
        using var response = await api.Http.GetAsync(
            $"{ApiCalls.Root}operations/{operation}/events", HttpCompletionOption.ResponseHeadersRead, Cancellation);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));
        Assert.Equal("queued", await StateAsync(reader));

        host.Answers.Stop();
        await Eventually.HoldsAsync(
            "the portal has lost its connections", () => Task.FromResult(host.Answers.Open() == 0), Cancellation);
        await PostgresServer.ExecuteAsync(
            host.Postgres.SuperuserUrl(host.Master.Database),
            $"UPDATE portal.operations SET progress = 7 WHERE id = '{operation}'", Cancellation);
        host.Answers.Restart();

        // The portal listens again and finds what happened meanwhile.
        for (var state = ""; state != "succeeded"; state = await StateAsync(reader))
        {
            await PostgresServer.ExecuteAsync(
                host.Postgres.SuperuserUrl(host.Master.Database),
                "UPDATE portal.instance SET workers_paused = false WHERE workers_paused", Cancellation);
        }
    }

    private static async Task<string?> StateAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync(Cancellation) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                return JsonElement.Parse(line[6..]).GetProperty("state").GetString();
            }
        }

        throw new InvalidOperationException("The stream ended.");
    }
}
