using System.Globalization;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Operations;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Faults;

/// <summary>A process that is stopped and continues later, and a process that is killed at any moment.</summary>
public sealed class KillAnyTests(PostgresServer server) : KillTestBase(server)
{
    [Fact]
    public async Task Process_StoppedAndTakenOver_ChangesNothingWhenResumed()
    {
        var registered = await Host.Get<TenantRegistration>()
            .RegisterAsync(Host.Admin, Request(NewName("dormido"), r => r with { Provision = true }), Cancellation);
        await using var gate = await PostgresServer.OpenAsync(Server.SuperuserUrl(Host.Master.Database), Cancellation);
        await ExecuteAsync(gate, GateAt("create_database"));
        await using var sleeper = await StartPortalAsync();
        await StandsAtGateAsync(sleeper, registered.OperationId!.Value, "create_database");
        await SignalAsync("STOP", sleeper);
        await ExecuteAsync(gate, "SELECT pg_advisory_unlock_all()");

        await using var successor = await StartPortalAsync();
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(registered.OperationId!.Value)).State);
        await SignalAsync("CONT", sleeper);
        await Eventually.HoldsAsync(
            "the sleeper notices",
            () => Task.FromResult(sleeper.Output.Contains("taken over", StringComparison.Ordinal)), Cancellation);

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(registered.OperationId!.Value)).State);
        Assert.Equal(1, await RecordsAsync(registered.TenantId, "tenant.provisioned"));
        await WorldCheck.AssertAgreesAsync(Host);
    }

    [Fact]
    public async Task Process_KilledAtRandomMoments_EveryOperationEnds()
    {
        var rounds = int.Parse(
            Environment.GetEnvironmentVariable("VIGIA_FAULT_ROUNDS") ?? "1", CultureInfo.InvariantCulture);
        for (var round = 0; round < rounds; round++)
        {
            var asked = new List<Guid>();
            await using (var portal = await StartPortalAsync())
            {
                var old = await ProvisionWithAsync(NewName("azar"));
                asked.Add(await Host.Get<TenantDeletion>()
                    .DeleteAsync(Host.Admin, old.Id,
                        new DeletionRequest(old.Subdomain!, "fin", CoreHost.AdminPassword, 0),
                    Cancellation));
                asked.Add((await Host.Get<TenantRegistration>()
                    .RegisterAsync(Host.Admin, Request(NewName("azar"), r => r with { Provision = true }),
                    Cancellation)).OperationId!.Value);
#pragma warning disable CA5394 // A moment, no secret.
                var moment = TimeSpan.FromMilliseconds(Random.Shared.Next(0, 400));
#pragma warning restore CA5394
                using var clock = new PeriodicTimer(moment + TimeSpan.FromMilliseconds(1));
                await clock.WaitForNextTickAsync(Cancellation);
                await portal.KillAsync(Cancellation);
            }

            await using (await StartWorkersAsync())
            {
                foreach (var operation in asked)
                {
                    var ended = await Host.EndOfAsync(operation);
                    Assert.True(ended.State == OperationState.Succeeded, $"{ended.Kind} {ended.State}: {ended.Error}");
                }
            }

            await WorldCheck.AssertAgreesAsync(Host);
        }
    }
}
