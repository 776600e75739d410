using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.Tokens;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Api;

/// <summary>The events of an operation while the master is away or slow, or others change.</summary>
[Collection(nameof(LateAnswerHost))]
public sealed class EventsAwayTests(LateAnswerHost host)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_MasterAwayForAMoment_ContinueToTheEnd()
    {
        using var events = await OpenAsync("lejos");
        var (operation, reader) = (events.Operation, events.Reader);
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

    [Fact]
    public async Task Events_NoChangeOrASlowMaster_SendKeepAlives()
    {
        using var events = await OpenAsync("lento");
        var (operation, reader) = (events.Operation, events.Reader);
        using var checks = new Statements(host.Master.Database, "api_tokens");
        var beat = ReadHeartBeatAsync(reader);
        using var often = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        var ticks = 0;
        while (!beat.IsCompleted && ++ticks < 80 && await often.WaitForNextTickAsync(Cancellation))
        {
            await PostgresServer.ExecuteAsync(
                host.Master,
                "SELECT pg_notify('vigia_operations', gen_random_uuid()::text), "
                + "pg_notify('vigia_staff', gen_random_uuid()::text)", Cancellation);
        }

        Assert.True(beat.IsCompleted, "No byte came for twenty seconds.");
        await beat;
        Assert.InRange(ticks, 20, 80);

        // The token is checked on the timer, and not for the changes of others.
        Assert.InRange(checks.Seen.Count, 0, 4);

        host.Answers.HoldAnswersExceptListener();
        try
        {
            await PostgresServer.ExecuteAsync(
                host.Master, $"SELECT pg_notify('vigia_operations', '{operation}')", Cancellation);
            await ReadHeartBeatAsync(reader).WaitAsync(TimeSpan.FromSeconds(25), Cancellation);
        }
        finally
        {
            host.Answers.Release();
        }

        await host.PauseAsync(false);
        for (var state = ""; state != "succeeded"; state = await StateAsync(reader))
        {
            Assert.NotEqual("failed", state);
        }
    }

    private async Task<Opened> OpenAsync(string stem)
    {
        var administrator = await host.AdministratorAsync();
        var issued = await host.Services.GetRequiredService<ApiTokens>().CreateAsync(
            administrator, new NewApiToken(
                PortalTenants.NewName("token"), [Rights.OperationsView],
                DateOnly.FromDateTime(DateTime.UtcNow.AddDays(2))),
            PortalHost.AdministratorPassword, Cancellation);
        var api = new ApiCalls(host.Address, issued.Token);
        await host.PauseAsync(true);
        var (_, operation) = await host.RegisterAsync(PortalTenants.NewName(stem));
        var response = await api.Http.GetAsync(
            $"{ApiCalls.Root}operations/{operation}/events", HttpCompletionOption.ResponseHeadersRead, Cancellation);
        var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));
        Assert.Equal("queued", await StateAsync(reader));
        return new Opened(api, operation!.Value, response, reader);
    }

    private static async Task ReadHeartBeatAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync(Cancellation) is { } line)
        {
            if (line.StartsWith(':'))
            {
                return;
            }
        }

        throw new InvalidOperationException("The stream ended.");
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

    /// <summary>A stream that has sent the first event.</summary>
    private sealed record Opened(
        ApiCalls Api, Guid Operation, HttpResponseMessage Response, StreamReader Reader) : IDisposable
    {
        public void Dispose()
        {
            Reader.Dispose();
            Response.Dispose();
            Api.Dispose();
        }
    }
}
