using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Operations;

/// <summary>
/// Retrying or cancelling an operation has the same effect as requesting it. Both therefore need the right of the kind,
/// not only the right to control operations.
/// </summary>
public sealed class KindRightsTests(PostgresServer server) : CoreTestBase(server)
{
    // The right that each request needs. Nobody requests the portal's own recurring jobs.
    private static readonly Dictionary<string, string> Expected = new()
    {
        ["provision_tenant"] = Rights.TenantsProvision,
        ["apply_limits"] = Rights.TenantsUpdate,
        ["move_first_admin"] = Rights.TenantsUpdate,
        ["delete_tenant"] = Rights.TenantsDeleteHard,
        ["purge_tenant"] = Rights.TenantsDeleteHard,
        ["restore_tenant"] = Rights.TenantsRestore,
        ["reclaim_tenant"] = Rights.TenantsReclaim,
        ["adopt_tenant"] = Rights.TenantsAdopt,
        ["undo_adoption"] = Rights.TenantsAdopt,
        ["complete_adoption"] = Rights.TenantsAdopt,
        ["adopt_tenants"] = Rights.TenantsAdoptMany,
        ["suspend_tenants"] = Rights.TenantsToggle,
        ["reactivate_tenants"] = Rights.TenantsToggle,
        ["migrate_tenant"] = Rights.TenantsSchemaMigrate,
        ["migrate_tenants"] = Rights.TenantsSchemaMigrate,
        ["prove_isolation"] = Rights.TenantsIsolationProve,
        ["prove_isolation_all"] = Rights.TenantsIsolationProve,
        ["rotate_credential"] = Rights.TenantsCredentialRotate,
        ["rename_tenant"] = Rights.TenantsRename,
        ["fill_demo_data"] = Rights.TenantsDemoData,
        ["remove_demo_data"] = Rights.TenantsDemoData,
        ["empty_trash"] = Rights.OperationsControl,
        ["expire_demos"] = Rights.OperationsControl,
        ["expire_approvals"] = Rights.OperationsControl,
        ["end_staff_access"] = Rights.OperationsControl,
        ["prune_history"] = Rights.OperationsControl,
        ["drop_old_templates"] = Rights.OperationsControl,
        ["apply_staff_requests"] = Rights.OperationsControl,
        ["sync_outside_roles"] = Rights.OperationsControl,
        ["verify_audit"] = Rights.OperationsControl,
    };

    private int _tenant = 1_000_000;

    protected override bool Workers => false;

    [Fact]
    public async Task RetryAndCancel_EveryKindAndRole_DemandTheRightOfTheKind()
    {
        var catalog = Host.Get<OperationCatalog>();
        Assert.Equal(Expected.OrderBy(e => e.Key),
            catalog.Kinds.ToDictionary(k => k.Code, k => catalog[k].Right).OrderBy(e => e.Key));
        var wrong = new List<string>();
        foreach (var (kind, right) in Expected)
        {
            var operation = await FailedAsync(kind);
            foreach (var actor in Actors(right))
            {
                var may = actor.May(Rights.OperationsControl) && actor.May(right);
                foreach (var (door, act) in Doors(operation))
                {
                    await FailAsync(operation);
                    var refused = await RefusalAsync(() => act(actor));
                    if (may == (refused is not null))
                    {
                        wrong.Add($"{door} {kind} as {string.Join(',', actor.Roles)} "
                            + $"with {string.Join(',', actor.RightsLimit ?? ["all"])}: {refused?.Right ?? "let in"}");
                    }
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Retry_KindOfANewerBuild_IsRefused()
    {
        var operation = await FailedAsync("prune_history");
        await PostgresServer.ExecuteAsync(
            Server.SuperuserUrl(Host.Master.Database),
            $"UPDATE portal.operations SET kind = 'of_tomorrow' WHERE id = '{operation}'", Cancellation);

        await AssertRefusedAsync(
            "not_retryable", () => Host.Get<OperationService>().RetryAsync(Host.Admin, operation, Cancellation));
        await AssertRefusedAsync(
            "not_cancellable", () => Host.Get<OperationService>().CancelAsync(Host.Admin, operation, Cancellation));
    }

    private IEnumerable<Actor> Actors(string right) =>
    [
        .. StaffRoles.All.Select(role => Host.Admin with { Roles = [role] }),
        Host.Admin with { RightsLimit = [Rights.OperationsControl] },
        Host.Admin with { RightsLimit = [right] },
        Host.Admin with { RightsLimit = [Rights.OperationsControl, right] },
    ];

    private IEnumerable<(string Door, Func<Actor, Task> Act)> Doors(Guid operation) =>
    [
        ("retry", actor => Host.Get<OperationService>().RetryAsync(actor, operation, Cancellation)),
        ("cancel", actor => Host.Get<OperationService>().CancelAsync(actor, operation, Cancellation)),
    ];

    // The operation has no tenant: the test is about permission, not about the work.
    private async Task<Guid> FailedAsync(string kind)
    {
        await using var db = await Host.OpenMasterAsync();
        var operation = new Operation
        {
            Kind = new(kind), RequestedByName = "Ana", ServerId = 1,
            TenantId = Interlocked.Increment(ref _tenant), State = OperationState.Failed,
            CreatedAt = DateTimeOffset.UtcNow
        };
        db.Set<Operation>().Add(operation);
        await db.SaveChangesAsync(Cancellation);
        return operation.Id;
    }

    private async Task FailAsync(Guid operation)
    {
        await using var db = await Host.OpenMasterAsync();
        await db.Set<Operation>().Where(o => o.Id == operation)
            .ExecuteUpdateAsync(s => s.SetProperty(o => o.State, OperationState.Failed), Cancellation);
    }

    // Any other exception means that the actor was let in. An operation that can't be cancelled has nothing to do with
    // rights.
    private static async Task<ForbiddenException?> RefusalAsync(Func<Task> act)
    {
        try
        {
            await act();
            return null;
        }
        catch (ForbiddenException refused)
        {
            return refused;
        }
        catch (RuleException)
        {
            return null;
        }
    }
}
