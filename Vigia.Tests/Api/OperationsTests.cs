using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Staff.Tokens;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Api;

/// <summary>Operations over HTTP, and their events in real time.</summary>
public sealed class OperationsTests(OperationsTests.Portal host) : IClassFixture<OperationsTests.Portal>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task List_FilteredByTenantKindAndState_HasTheMatchingOperations()
    {
        using var api = await host.AsAdministratorAsync();
        var id = await host.ReadyTenantAsync(PortalTenants.NewName("api"));

        var list = (await api.GetAsync($"operations?tenant_id={id}&kind=provision_tenant&state=succeeded")).Expect(200);

        Assert.Equal(1, list.GetProperty("total").GetInt32());
        Assert.Equal(id, list.GetProperty("items")[0].GetProperty("tenant_id").GetInt32());
        Assert.Equal(0, (await api.GetAsync($"operations?tenant_id={id}&state=failed")).Expect(200).GetProperty("total")
            .GetInt32());
        (await api.GetAsync("operations?state=done")).ExpectProblem(422, "invalid_input");
        (await api.GetAsync("operations?page=2147483647&page_size=200")).Expect(200);
        (await api.GetAsync($"operations/{Guid.NewGuid()}")).ExpectProblem(404, "operation_unknown");
    }

    [Fact]
    public async Task RetryAndCancel_OperationThatAllowsNeither_AreRefused()
    {
        using var api = await host.AsAdministratorAsync();
        var (_, operation) = await host.RegisterAsync(PortalTenants.NewName("api"));
        await host.ReachAsync(operation!.Value, OperationState.Succeeded);

        (await api.PostAsync($"operations/{operation}/retry")).ExpectProblem(409, "not_retryable");
        (await api.PostAsync($"operations/{operation}/cancel")).ExpectProblem(409, "not_cancellable");
        (await api.PostAsync($"operations/{Guid.NewGuid()}/retry")).ExpectProblem(404, "operation_unknown");
    }

    [Fact]
    public async Task RetryAndCancel_WithoutTheRightOfTheKind_AreForbidden()
    {
        using var administrator = await host.AsAdministratorAsync();
        using var controller = await host.WithRightsAsync(Rights.OperationsView, Rights.OperationsControl);
        await host.PauseAsync(true);
        var (_, operation) = await host.RegisterAsync(PortalTenants.NewName("api"));

        (await controller.PostAsync($"operations/{operation}/cancel")).ExpectProblem(403, "forbidden");
        (await controller.PostAsync($"operations/{operation}/retry")).ExpectProblem(403, "forbidden");
        (await administrator.PostAsync($"operations/{operation}/cancel")).Expect(202);

        await host.PauseAsync(false);
        await host.ReachAsync(operation!.Value, OperationState.Cancelled);
    }

    [Fact]
    public async Task Events_OfARunningOperation_AreASnapshotTheChangesAndAnEnd()
    {
        using var api = await host.AsAdministratorAsync();
        await host.PauseAsync(true);
        var (_, operation) = await host.RegisterAsync(PortalTenants.NewName("api"));

        await using var events = await EventsAsync(api, operation!.Value);
        var first = await events.NextAsync();
        await host.PauseAsync(false);
        var rest = await events.ToEndAsync();

        Assert.Equal("queued", first.GetProperty("state").GetString());
        Assert.Equal("succeeded", rest[^1].GetProperty("state").GetString());
        Assert.Equal(100, rest[^1].GetProperty("progress").GetInt32());
        Assert.Contains(rest, e => e.GetProperty("state").GetString() == "running");
        Assert.Equal(rest.Count, rest.Select(e => e.GetRawText()).Distinct().Count());
    }

    [Fact]
    public async Task Events_OfAnEndedOperation_AreASnapshotAndAnEnd()
    {
        using var api = await host.AsAdministratorAsync();
        var (_, operation) = await host.RegisterAsync(PortalTenants.NewName("api"));
        await host.ReachAsync(operation!.Value, OperationState.Succeeded);

        await using var events = await EventsAsync(api, operation.Value);

        Assert.Equal("succeeded", Assert.Single(await events.ToEndAsync()).GetProperty("state").GetString());
        (await api.GetAsync($"operations/{Guid.NewGuid()}/events")).ExpectProblem(404, "operation_unknown");
    }

    [Fact]
    public async Task Events_TokenRevokedMeanwhile_End()
    {
        var administrator = await host.AdministratorAsync();
        var tokens = host.Services.GetRequiredService<ApiTokens>();
        var issued = await tokens.CreateAsync(
            administrator, new NewApiToken(
            PortalTenants.NewName("token"), [Rights.OperationsView], DateOnly.FromDateTime(DateTime.UtcNow.AddDays(2))),
            PortalHost.AdministratorPassword, Cancellation);
        using var api = new ApiCalls(host.Address, issued.Token);
        await host.PauseAsync(true);
        var (_, operation) = await host.RegisterAsync(PortalTenants.NewName("api"));
        await using var events = await EventsAsync(api, operation!.Value);
        await events.NextAsync();

        await tokens.RevokeAsync(administrator, issued.Id, Cancellation);
        await host.PauseAsync(false);

        Assert.DoesNotContain(await events.ToEndAsync(), e => e.GetProperty("state").GetString() == "succeeded");
        (await api.GetAsync($"operations/{operation}")).ExpectProblem(401, "not_authenticated");
        await host.ReachAsync(operation.Value, OperationState.Succeeded);
    }

    [Fact]
    public async Task Events_MoreStreamsThanAllowed_AreRefused()
    {
        using var api = await host.AsAsync(StaffRoles.Support);
        await host.PauseAsync(true);
        var (_, operation) = await host.RegisterAsync(PortalTenants.NewName("api"));
        await using (await EventsAsync(api, operation!.Value))
        {
            await using var second = await EventsAsync(api, operation.Value);

            var third = await api.GetAsync($"operations/{operation}/events");

            third.ExpectProblem(429, "too_many_requests");
            Assert.NotNull(third.Headers.RetryAfter);
        }

        await host.PauseAsync(false);
        await host.ReachAsync(operation.Value, OperationState.Succeeded);
        await Eventually.HoldsAsync(
            "the streams are counted as closed",
            async () => (await api.GetAsync($"operations/{operation}/events")).Status == 200, Cancellation);
    }

    private static async Task<Stream> EventsAsync(ApiCalls api, Guid operation)
    {
        var response = await api.Http.GetAsync(
            $"{ApiCalls.Root}operations/{operation}/events", HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return new Stream(response, new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation)));
    }

    /// <summary>A portal that allows two streams for each person.</summary>
    public sealed class Portal(PostgresServer server) : ApiHost(server)
    {
        protected override void ConfigureWebHost(Microsoft.AspNetCore.Hosting.IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("Api:StreamsPerPerson", "2");
        }
    }

    /// <summary>Reads events as they arrive.</summary>
    private sealed class Stream(HttpResponseMessage response, StreamReader reader) : IAsyncDisposable
    {
        public async Task<JsonElement> NextAsync() =>
            await ReadAsync() ?? throw new InvalidOperationException("The stream ended.");

        public async Task<List<JsonElement>> ToEndAsync()
        {
            var events = new List<JsonElement>();
            while (await ReadAsync() is { } read)
            {
                events.Add(read);
            }

            return events;
        }

        public ValueTask DisposeAsync()
        {
            reader.Dispose();
            response.Dispose();
            return ValueTask.CompletedTask;
        }

        private async Task<JsonElement?> ReadAsync()
        {
            while (await reader.ReadLineAsync(Cancellation) is { } line)
            {
                Assert.Matches("^(event: operation|data: .*|: |)$", line);
                if (line.StartsWith("data: ", StringComparison.Ordinal))
                {
                    return JsonElement.Parse(line[6..]);
                }
            }

            return null;
        }
    }
}
