using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.Decisions;
using Vigia.Core.Staff.Team;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Staff.Decisions;

/// <summary>A test about administrators and second people. It can move the time forward by days.</summary>
public abstract class AdministratorsTestBase(PostgresServer server) : StaffTestBase(server)
{
    protected ShiftedTime Time { get; } = new();

    protected override bool Workers => true;

    protected static Actor ActorOf(Guid id, string name) => new(id, name, "127.0.0.1", [StaffRoles.Administrator]);

    protected override void Configure(IServiceCollection services)
    {
        services.AddSingleton<TimeProvider>(Time);

        // Days pass at once in these tests, and recurring jobs that become due would interfere.
        services.RemoveAll<RecurringJob>();
        services.Configure<ApprovalOptions>(options => options.HardDelete = true);
    }

    /// <summary>Adds an administrator as the start of a portal does: nobody had a part in their account.</summary>
    protected Task<Actor> AdministratorAsync(string name) =>
        Host.AddStaffAsync(name, NewEmail(name.Split(' ')[0].ToLowerInvariant()), StaffRoles.Administrator);

    protected Task<StaffOutcome> AskToInviteAsync(Actor actor, string name, string email) =>
        Links.InviteAsync(actor, new InviteStaff(name, email, Access(StaffRoles.Administrator)), CoreHost.AdminPassword,
            Cancellation);

    /// <summary>Runs the recurring job now.</summary>
    protected async Task ApplyDueAsync(OperationState expected = OperationState.Succeeded)
    {
        Guid id;
        await using (var db = await Host.OpenMasterAsync())
        {
            id = Host.Get<OperationQueue>()
                .Enqueue(db, Actor.System, new("apply_staff_requests"), (OperationTarget?)null, null,
                OperationQueue.Background).Id;
            await db.SaveChangesAsync(Cancellation);
        }

        Assert.Equal(expected, (await Host.EndOfAsync(id)).State);
    }

    protected async Task<Approval> ApprovalAsync(Guid id)
    {
        await using var db = await Host.OpenMasterAsync();
        return await db.Set<Approval>().AsNoTracking().SingleAsync(a => a.Id == id, Cancellation);
    }

    protected async Task<Guid?> StaffIdAsync(string email)
    {
        await using var db = await Host.OpenMasterAsync();
        return await db.Users.Where(s => s.Email == email).Select(s => (Guid?)s.Id).SingleOrDefaultAsync(Cancellation);
    }

    /// <summary>Requests that a tenant is moved to the trash.</summary>
    /// <returns>The operation that waits, and the request.</returns>
    protected async Task<(Guid Operation, Guid Approval)> AskToDeleteAsync(
        Actor actor, Tenant tenant, string password = CoreHost.AdminPassword)
    {
        var operation = await InScopeAsync<TenantDeletion, Guid>(s => s.DeleteAsync(
        actor, tenant.Id, new DeletionRequest(tenant.Subdomain!, "Fin de contrato", password), Cancellation));
        await using var db = await Host.OpenMasterAsync();
        return (operation, await db.Set<Approval>().Where(a => a.OperationId == operation).Select(a => a.Id)
            .SingleAsync(Cancellation));
    }

    /// <summary>Returns the final state of an operation that waited for a second person.</summary>
    protected async Task<OperationState> EndAsync(Guid operation)
    {
        await Eventually.HoldsAsync(
            "the operation continues",
            async () => (await Host.Get<OperationService>()
            .GetAsync(Host.Admin, operation, Cancellation)).State != OperationState.Waiting, Cancellation);
        return (await Host.EndOfAsync(operation)).State;
    }

    protected async Task CancelAsync(Guid operation)
    {
        await Host.Get<OperationService>().CancelAsync(Host.Admin, operation, Cancellation);
        Assert.Equal(OperationState.Cancelled, await EndAsync(operation));
    }

    protected Task ApproveAsync(Actor actor, Guid id, string password = CoreHost.AdminPassword) =>
        InScopeAsync<ApprovalService, bool>(async s =>
        {
            await s.ApproveAsync(actor, id, null, password, Cancellation);
            return true;
        });

    protected Task RefuseAsync(Actor actor, Guid id) =>
        InScopeAsync<ApprovalService, bool>(async s =>
        {
            await s.RefuseAsync(actor, id, "No corresponde", Cancellation);
            return true;
        });

    protected async Task<TAnswer> InScopeAsync<TService, TAnswer>(Func<TService, Task<TAnswer>> ask)
        where TService : notnull
    {
        await using var scope = Host.Services.CreateAsyncScope();
        return await ask(scope.ServiceProvider.GetRequiredService<TService>());
    }
}
