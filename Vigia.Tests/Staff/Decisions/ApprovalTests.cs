using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.Decisions;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Staff.Decisions;

/// <summary>Moving a tenant in production to the trash waits for a second administrator.</summary>
public sealed class ApprovalTests(PostgresServer server) : CoreTestBase(server)
{
    private int _people;

    protected override void Configure(IServiceCollection services) =>
        services.Configure<ApprovalOptions>(options => options.HardDelete = true);

    [Fact]
    public async Task Delete_OfProduction_WaitsAndChangesNothingUntilApproved()
    {
        var tenant = await ReadyAsync(NewName("segunda"));
        var operation = await AskAsync(tenant);

        var waiting = await EndAsync(operation);
        Assert.Equal((OperationState.Waiting, "awaiting_approval"), (waiting.State, waiting.Error?.Code));
        Assert.False(OperationService.CanRetry(waiting));
        await AssertRefusedAsync(
            "not_retryable", () => Host.Get<OperationService>().RetryAsync(Host.Admin, operation, Cancellation));
        var untouched = await RowAsync(tenant.Id);
        Assert.Equal((TenantState.Ready, true), (untouched.State, untouched.IsActive));
        var approval = await WaitingAsync(operation);
        var seen = ApprovalFacts.Of(approval);
        Assert.Equal((tenant.LegalName, tenant.Ruc, tenant.DatabaseName, 1L),
            (seen.LegalName, seen.Ruc, seen.DatabaseName, seen.Content!.Users));
        Assert.True(seen is { RetentionDays: 7, SizeBytes: > 1_000_000 });

        var second = await SecondAsync();
        await ApproveAsync(second, approval.Id);

        Assert.Equal(OperationState.Succeeded, (await EndAsync(operation, OperationState.Waiting)).State);
        Assert.Null((await Host.Get<TenantSearch>().GetAsync(Host.Admin, tenant.Id, Cancellation)).View);
        var record = await RecordAsync(tenant.Id, "approval.approved");
        Assert.Equal((second.StaffId, "sign_tenant_delete_approve", "password"),
            (record.ActorId, record.SignatureMeaning, record.SignedWith));
        Assert.True((await Host.Get<AuditVerifier>().VerifyAsync(Host.Admin, null, null, Cancellation)).Holds);

        // The tenant is restored in the state that it had at the approval.
        await Host.EndOfAsync(
            await InScopeAsync<TrashService, Guid>(s => s.RestoreAsync(Host.Admin, tenant.Id, null, Cancellation)));
        Assert.True((await RowAsync(tenant.Id)).IsActive);
    }

    [Fact]
    public async Task Decide_OwnRequest_IsRefusedByServiceAndDatabase()
    {
        var tenant = await ReadyAsync(NewName("propia"));
        var approval = await WaitingAsync(await AskAsync(tenant));

        await AssertRefusedAsync("approval_own", () => ApproveAsync(Host.Admin, approval.Id));
        await AssertRefusedAsync("approval_own", () => RefuseAsync(Host.Admin, approval.Id));
        var own = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => PostgresServer.ExecuteAsync(
            Host.Master,
            "UPDATE portal.approvals SET state = 'approved', decided_by = requested_by "
            + $"WHERE id = '{approval.Id}'", Cancellation));
        Assert.Equal("approvals_not_ones_own", own.ConstraintName);
        await AssertRefusedAsync(
            "password_wrong", async () => await ApproveAsync(await SecondAsync(), approval.Id, "equivocada"));
        Assert.Equal(TenantState.Ready, (await RowAsync(tenant.Id)).State);
    }

    [Fact]
    public async Task Refuse_WithAReason_CancelsTheOperationWithIt()
    {
        var tenant = await ReadyAsync(NewName("negada"));
        var operation = await AskAsync(tenant);
        var approval = await WaitingAsync(operation);
        var second = await SecondAsync();

        await AssertInvalidAsync(
            "reason", "reason_required",
            () => InScopeAsync<ApprovalService>(s => s.RefuseAsync(second, approval.Id, " ", Cancellation)));
        await RefuseAsync(second, approval.Id);

        var ended = await EndAsync(operation, OperationState.Waiting);
        Assert.Equal((OperationState.Cancelled, "approval_refused"), (ended.State, ended.Error?.Code));
        Assert.Equal([second.Name, "Todavía paga"], ended.Error!.Args);
        await AssertRefusedAsync("approval_over", () => ApproveAsync(second, approval.Id));
        Assert.Equal(TenantState.Ready, (await RowAsync(tenant.Id)).State);

        // The deletion can be requested again.
        Assert.Equal(OperationState.Waiting, (await EndAsync(await AskAsync(tenant))).State);
    }

    [Fact]
    public async Task Request_UndecidedFor24Hours_Expires()
    {
        var tenant = await ReadyAsync(NewName("vencida"));
        var operation = await AskAsync(tenant);
        var approval = await WaitingAsync(operation);
        Assert.Equal(TimeSpan.FromHours(24), approval.ExpiresAt - approval.RequestedAt);
        await PostgresServer.ExecuteAsync(
            Host.Master, "UPDATE portal.approvals SET expires_at = now() - interval '1 second'", Cancellation);

        var second = await SecondAsync();
        await AssertRefusedAsync("approval_over", () => ApproveAsync(second, approval.Id));
        await using (var db = await Host.OpenMasterAsync())
        {
            Host.Get<OperationQueue>().Enqueue(
                db, Actor.System, new("expire_approvals"), (OperationTarget?)null, null, OperationQueue.Background);
            await db.SaveChangesAsync(Cancellation);
        }

        var ended = await EndAsync(operation, OperationState.Waiting);
        Assert.Equal((OperationState.Cancelled, "approval_expired"), (ended.State, ended.Error?.Code));
        Assert.Null((await RecordAsync(tenant.Id, "approval.expired")).ActorId);
    }

    [Fact]
    public async Task Cancel_WhileItWaits_WithdrawsTheRequest()
    {
        var tenant = await ReadyAsync(NewName("retirada"));
        var operation = await AskAsync(tenant);
        var approval = await WaitingAsync(operation);

        await Host.Get<OperationService>().CancelAsync(Host.Admin, operation, Cancellation);

        Assert.Equal(OperationState.Cancelled, (await EndAsync(operation, OperationState.Waiting)).State);
        await using var db = await Host.OpenMasterAsync();
        Assert.Equal(ApprovalState.Withdrawn,
            (await db.Set<Approval>().SingleAsync(a => a.Id == approval.Id, Cancellation)).State);
        var row = await RowAsync(tenant.Id);
        Assert.Equal((TenantState.Ready, true), (row.State, row.IsActive));
    }

    [Fact]
    public async Task Approve_TwiceAtOnce_OneIsRefused()
    {
        var tenant = await ReadyAsync(NewName("carrera"));
        var operation = await AskAsync(tenant);
        var approval = await WaitingAsync(operation);
        Actor[] people = [await SecondAsync(), await SecondAsync(), await SecondAsync()];

        var ends = await Task.WhenAll(
            people.Select(async (person, i) =>
            await Record.ExceptionAsync(
            () => i == 0 ? RefuseAsync(person, approval.Id) : ApproveAsync(person, approval.Id))));

        Assert.Single(ends, e => e is null);
        Assert.All(ends.Where(e => e is not null),
            e => Assert.Equal("approval_over", Assert.IsType<RuleException>(e).Reason.Code));
        Assert.Contains((await EndAsync(operation, OperationState.Waiting)).State,
            new[] { OperationState.Succeeded, OperationState.Cancelled });
    }

    [Fact]
    public async Task Delete_OfADemo_NeedsNoApproval()
    {
        var tenant = await ReadyAsync(NewName("demo"), "demo");
        Assert.Equal(OperationState.Succeeded, (await EndAsync(await AskAsync(tenant))).State);
    }

    private async Task<Actor> SecondAsync()
    {
        var number = Interlocked.Increment(ref _people);
        return await Host.AddStaffAsync(
            $"Benito Segundo {number}", $"benito{number}@vigia.test", StaffRoles.Administrator);
    }

    private Task<Guid> AskAsync(Tenant tenant) => InScopeAsync<TenantDeletion, Guid>(
        s => s.DeleteAsync(Host.Admin, tenant.Id,
            new DeletionRequest(tenant.Subdomain!, "Fin de contrato", CoreHost.AdminPassword), Cancellation));

    private Task ApproveAsync(Actor actor, Guid id, string password = CoreHost.AdminPassword) =>
        InScopeAsync<ApprovalService>(s => s.ApproveAsync(actor, id, null, password, Cancellation));

    private Task RefuseAsync(Actor actor, Guid id) =>
        InScopeAsync<ApprovalService>(s => s.RefuseAsync(actor, id, "Todavía paga", Cancellation));

    private async Task<Approval> WaitingAsync(Guid operation) =>
        Assert.Single(
            await InScopeAsync<ApprovalService, IReadOnlyList<Approval>>(s => s.ListAsync(Host.Admin, Cancellation)),
            a => a.OperationId == operation && a.State == ApprovalState.Waiting);

    private async Task<Operation> EndAsync(Guid id, OperationState? after = null)
    {
        await Eventually.HoldsAsync(
            "the operation continues",
            async () => (await Host.Get<OperationService>().GetAsync(Host.Admin, id, Cancellation)).State != after,
            Cancellation);
        return await Host.EndOfAsync(id);
    }

    private async Task<AuditEvent> RecordAsync(int tenantId, string action)
    {
        await using var db = await Host.OpenMasterAsync();
        return await db.Set<AuditEvent>().SingleAsync(e => e.TenantId == tenantId && e.Action == action, Cancellation);
    }

    private async Task InScopeAsync<TService>(Func<TService, Task> act)
        where TService : notnull
    {
        await using var scope = Host.Services.CreateAsyncScope();
        await act(scope.ServiceProvider.GetRequiredService<TService>());
    }

    private async Task<TAnswer> InScopeAsync<TService, TAnswer>(Func<TService, Task<TAnswer>> ask)
        where TService : notnull
    {
        await using var scope = Host.Services.CreateAsyncScope();
        return await ask(scope.ServiceProvider.GetRequiredService<TService>());
    }
}
