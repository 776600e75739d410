using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Vigia.Core;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Lifecycle.Credentials;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Lifecycle.DemoData;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Lifecycle.Reclaiming;
using Vigia.Core.Lifecycle.Renaming;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Staff.Decisions;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Lifecycle.SchemaUpgrades;

namespace Vigia.Tests.Operations;

/// <summary>
/// No call leaves the process while a transaction in the master holds a lock. A tenant's database that is slow or
/// unreachable must not block others, and no transaction may idle until the server ends it.
/// </summary>
public sealed class NoCallUnderLockTests(PostgresServer server) : NoCallUnderLockTestBase(server)
{
    // Methods that other services call inside their own transactions. They are tested through those services.
    private static readonly string[] Inner =
        ["TenantProvisioning.Start", "OperationQueue.Enqueue", "VisibleTenants.OpenAsync", "AuditTrail.CommitAsync",
        "TenantAction.IsOffered", "TrashAction.IsShown", "TenantRequests.EnqueueAsync"];

    private readonly HashSet<string> _called = [];
    private readonly PostgresServer _server = server;

    /// <summary>
    /// To add a method of a service, call it below through <c>CalledAsync</c>. To add a kind of operation, request one.
    /// </summary>
    [Fact]
    public async Task MethodsAndSteps_SlowTenantDatabase_HoldNoTransactionOnTheMaster()
    {
        var one = await ProvisionedAsync("uno", TenantEnvironments.Production);
        var demo = await ProvisionedAsync("demo", TenantEnvironments.Demo);
        await ReadAsync(one);
        await ChangeAsync(one);
        await ToggleAsync(one, demo);
        await WorkInsideAsync(one, demo);
        await ConvertAndReclaimAsync();
        await AdoptAsync();
        await ProvisionLateAsync();
        await DeleteAsync(one, demo);
        await RecurAsync();

        Assert.True(Held > 200, $"{Held} answers were held back.");
        Assert.Equal(Host.Get<OperationCatalog>().Kinds.Select(k => k.Code).Order(), Kinds.Select(k => k.Code).Order());
        Assert.Equal(Methods().Order(), _called.Order());
    }

    [Fact]
    public async Task HardDelete_TenantDoesNotAnswer_IsQueuedWithoutFigures()
    {
        var tenant = await ProvisionedAsync("mudo", TenantEnvironments.Production);
        Proxy.HoldAnswers(tenant.DatabaseName);
        var delete = Host.Get<TenantDeletion>()
            .DeleteAsync(Host.Admin, tenant.Id, new DeletionRequest(tenant.Subdomain!, "fin", CoreHost.AdminPassword),
            Cancellation);
        await Eventually.HoldsAsync("it counts", () => Task.FromResult(Proxy.Waiting > 0), Cancellation);
        await Host.Get<TenantRucCorrection>()
            .CorrectAsync(Host.Admin, tenant.Id, Rucs.Next(79_999), "error", Cancellation);
        Assert.False(delete.IsCompleted);

        var operation = await delete;

        await using var db = await Host.OpenMasterAsync();
        var seen = ApprovalFacts.Of(
            await db.Set<Approval>().SingleAsync(a => a.OperationId == operation, Cancellation));
        Assert.Null(seen.Content);
        Assert.True(seen.SizeBytes > 1_000_000);
        Assert.Equal(Rucs.Next(79_999), seen.Ruc);
        Assert.Equal(OperationState.Waiting, (await OperationAsync(operation)).State);
    }

    private static IEnumerable<string> Methods() =>
        (from type in typeof(VigiaCore).Assembly.GetExportedTypes()
         where type.IsClass
         from method in type.GetMethods(
             BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
         where method.GetParameters().Any(p => p.ParameterType == typeof(Actor))
             && method.GetParameters().Any(p => NamesTenant(type, p))
         select $"{type.Name}.{method.Name}").Distinct().Where(name => !Inner.Contains(name));

    // A tenant by its id, or something that belongs to one: an operation or an approval.
    private static bool NamesTenant(Type service, ParameterInfo parameter) =>
        parameter.ParameterType == typeof(Tenant)
        || (parameter.ParameterType == typeof(int) && parameter.Name is "tenantId" or "id")
        || parameter.ParameterType == typeof(IReadOnlyCollection<int>)
        || (parameter is { Name: "id", ParameterType: var type } && type == typeof(Guid)
            && (service == typeof(ApprovalService) || service == typeof(OperationService)));

    private Task<TAnswer> CalledAsync<TService, TAnswer>(string method, Func<TService, Task<TAnswer>> ask)
        where TService : notnull
    {
        _called.Add($"{typeof(TService).Name}.{method}");
        return CallAsync(ask);
    }

    private Task CalledAsync<TService>(string method, Func<TService, Task> act)
        where TService : notnull
    {
        _called.Add($"{typeof(TService).Name}.{method}");
        return CallAsync(act);
    }

    private async Task<Tenant> ProvisionedAsync(string stem, string environment)
    {
        var registered = await CallAsync(
            (TenantRegistration s) =>
            s.RegisterAsync(Host.Admin, Request(stem, provision: true, environment), Cancellation));
        await WorkAsync();
        await AssertSucceededAsync(registered.OperationId!.Value);
        return await RowAsync(registered.TenantId);
    }

    private async Task ReadAsync(Tenant one)
    {
        int[] ids = [one.Id];
        await CalledAsync(nameof(TenantContents.ReadAsync),
            (TenantContents s) => s.ReadAsync(Host.Admin, one.Id, Cancellation));
        await CalledAsync(nameof(TenantContents.CountAsync),
            (TenantContents s) => s.CountAsync(Host.Admin, one.Id, Cancellation));
        await CalledAsync(nameof(TenantSearch.GetAsync),
            (TenantSearch s) => s.GetAsync(Host.Admin, one.Id, Cancellation));
        await CalledAsync(nameof(TenantInactivity.FindPersonAsync),
            (TenantInactivity s) => s.FindPersonAsync(Host.Admin, one.Id, Cancellation));
        await CalledAsync(nameof(TenantSearch.FindAsync),
            (TenantSearch s) => s.FindAsync(Host.Admin, ids, Cancellation));
        await CalledAsync(
            nameof(SchemaOverview.FindAsync), (SchemaOverview s) => s.FindAsync(Host.Admin, ids, Cancellation));
        await CalledAsync(nameof(OperationService.FindWorkAsync),
            (OperationService s) => s.FindWorkAsync(Host.Admin, ids, Cancellation));
        await CalledAsync(nameof(TenantRenaming.AliasesAsync),
            (TenantRenaming s) => s.AliasesAsync(Host.Admin, one.Id, Cancellation));
        await CalledAsync(nameof(CredentialService.ListAsync),
            (CredentialService s) => s.ListAsync(Host.Admin, one.Id, Cancellation));
        await CalledAsync(nameof(ConnectionReading.ReadAsync),
            (ConnectionReading s) => s.ReadAsync(
                new Actor(null, "servicio:prueba", null, [])
                {
                    ServiceAccountId = Guid.NewGuid(), RightsLimit = ServiceRights.All,
                }, one.Id, Cancellation));
        await CalledAsync(nameof(ConnectionReading.CheckAsync),
            (ConnectionReading s) => s.CheckAsync(
                new Actor(null, "servicio:prueba", null, [])
                {
                    ServiceAccountId = Guid.NewGuid(), RightsLimit = ServiceRights.All,
                }, one.Id, Cancellation));
        await CalledAsync(nameof(TenantInvitations.NeedsSignatureAsync),
            (TenantInvitations s) => s.NeedsSignatureAsync(Host.Admin, one.Id, Cancellation));
        await CalledAsync(nameof(TenantInvitations.LastAsync),
            (TenantInvitations s) => s.LastAsync(Host.Admin, one.Id, Cancellation));
        await CalledAsync(nameof(Outbox.LastAsync),
            (Outbox s) => s.LastAsync(Host.Admin, one.Id, Outbox.TenantInvitation, Cancellation));
        var proof = await CalledAsync(
            nameof(IsolationService.LastAsync), (IsolationService s) => s.LastAsync(Host.Admin, one.Id, Cancellation));
        await CalledAsync(nameof(IsolationService.FindAsync),
            (IsolationService s) => s.FindAsync(Host.Admin, one.Id, proof!.Id, Cancellation));
        await CalledAsync(nameof(IsolationService.LastOfAsync),
            (IsolationService s) => s.LastOfAsync(Host.Admin, ids, Cancellation));
        await CalledAsync(nameof(IsolationService.HistoryAsync),
            (IsolationService s) => s.HistoryAsync(Host.Admin, one.Id, 5, Cancellation));
    }

    private async Task ChangeAsync(Tenant one)
    {
        var seen = TenantDetails.Of(one);
        await CalledAsync(nameof(TenantEditing.UpdateAsync),
            (TenantEditing s) =>
            s.UpdateAsync(Host.Admin, one.Id, seen, seen with { MaxUsers = 9, AccessEmail = "otra@uno.pe" },
            Cancellation));
        await WorkAsync();
        await CalledAsync(nameof(TenantRucCorrection.CorrectAsync),
            (TenantRucCorrection s) => s.CorrectAsync(Host.Admin, one.Id, Rucs.Next(79_998), "error", Cancellation));
        await DoneAsync(await CalledAsync(nameof(TenantRenaming.RenameAsync),
            (TenantRenaming s) => s.RenameAsync(
                Host.Admin, one.Id, $"{one.Subdomain}-b", "otro nombre", Cancellation)));
        await DoneAsync(await CallAsync(
            (TenantRenaming s) => s.RenameAsync(Host.Admin, one.Id, one.Subdomain, "como antes", Cancellation)));
        await CalledAsync(nameof(TenantInvitations.InviteAsync),
            (TenantInvitations s) => s.InviteAsync(Host.Admin, one.Id, new(), Cancellation));
        await CalledAsync(nameof(TenantInvitations.RevealAsync),
            (TenantInvitations s) => s.RevealAsync(Host.Admin, one.Id, Cancellation));
    }

    private async Task ConvertAndReclaimAsync()
    {
        var demo = await ProvisionedAsync("tres", TenantEnvironments.Demo);
        await CalledAsync(nameof(TenantConversion.PreviewAsync),
            (TenantConversion s) => s.PreviewAsync(Host.Admin, demo.Id, new Conversion(), Cancellation));
        var removal = await CalledAsync(
            nameof(TenantConversion.ConvertAsync),
            (TenantConversion s) =>
            s.ConvertAsync(Host.Admin, demo.Id, new Conversion { RemoveDemoData = true }, Cancellation));
        await DoneAsync(removal!.Value);
        await PostgresServer.ExecuteAsync(
            _server.SuperuserUrl("postgres"), $"COMMENT ON DATABASE \"{demo.DatabaseName}\" IS NULL", Cancellation);
        await CallAsync((TenantContents s) => s.ReadAsync(Host.Admin, demo.Id, Cancellation));
        await CallAsync((TenantContents s) => s.CountAsync(Host.Admin, demo.Id, Cancellation));
        await DoneAsync(await CalledAsync(
            nameof(TenantReclaiming.ReclaimAsync),
            (TenantReclaiming s) => s.ReclaimAsync(Host.Admin, demo.Id, "restaurada", Cancellation)));
    }

    // The database becomes one that the portal did not make: its rows and its role are gone, and nobody marked it.
    private async Task AdoptAsync()
    {
        var tenant = await ProvisionedAsync("ajeno", TenantEnvironments.Production);
        await PostgresServer.ExecuteAsync(_server.SuperuserUrl(Host.Master.Database), $"""
            DELETE FROM portal.tenant_credentials WHERE tenant_id = {tenant.Id};
            DELETE FROM portal.databases WHERE tenant_id = {tenant.Id};
            UPDATE clientes_saas SET state = 'unmanaged', server_id = NULL WHERE id = {tenant.Id};
            COMMENT ON DATABASE "{tenant.DatabaseName}" IS NULL;
            """, Cancellation);
        await PostgresServer.ExecuteAsync(
            _server.SuperuserUrl(tenant.DatabaseName!), "COMMENT ON SCHEMA public IS NULL", Cancellation);
        var signed = new AdoptionRequest(true, "copia externa", CoreHost.AdminPassword);
        await CalledAsync(nameof(AdoptionService.InspectTenantAsync),
            (AdoptionService s) => s.InspectTenantAsync(Host.Admin, tenant.Id, Cancellation));
        await DoneAsync(await CalledAsync(nameof(AdoptionService.AdoptAsync),
            (AdoptionService s) => s.AdoptAsync(Host.Admin, tenant.Id, signed, Cancellation)));
        await CalledAsync(nameof(AdoptionFollowUps.FindAsync),
            (AdoptionFollowUps s) => s.FindAsync(Host.Admin, tenant.Id, Cancellation));
        await DoneAsync(await CalledAsync(nameof(AdoptionFollowUps.UndoAsync),
            (AdoptionFollowUps s) => s.UndoAsync(Host.Admin, tenant.Id, "prueba", Cancellation)));
        await DoneAsync(await CalledAsync(nameof(FleetAdoption.StartAsync),
            (FleetAdoption s) => s.StartAsync(Host.Admin, [tenant.Id], signed, Cancellation)));
        await CalledAsync(nameof(AdoptionFollowUps.ConfirmAsync),
            (AdoptionFollowUps s) => s.ConfirmAsync(Host.Admin, tenant.Id, Cancellation));
        await CalledAsync(nameof(AdoptionFollowUps.PlanCompletionAsync),
            (AdoptionFollowUps s) => s.PlanCompletionAsync(Host.Admin, tenant.Id, Cancellation));
        await DoneAsync(await CalledAsync(nameof(AdoptionFollowUps.CompleteAsync),
            (AdoptionFollowUps s) => s.CompleteAsync(Host.Admin, tenant.Id, Cancellation)));
    }

    private async Task ToggleAsync(Tenant one, Tenant demo)
    {
        int[] both = [one.Id, demo.Id];
        await CalledAsync(nameof(TenantActivation.SuspendAsync),
            (TenantActivation s) => s.SuspendAsync(Host.Admin, one.Id, "seguridad", null, Cancellation));
        await CalledAsync(nameof(TenantActivation.ReactivateAsync),
            (TenantActivation s) => s.ReactivateAsync(Host.Admin, one.Id, Cancellation));
        await CalledAsync(nameof(TenantActivation.WithdrawAsync),
            (TenantActivation s) => s.WithdrawAsync(Host.Admin, one.Id, "seguridad", null, Cancellation));
        await CallAsync((TenantActivation s) => s.ReactivateAsync(Host.Admin, one.Id, Cancellation));
        await CalledAsync(nameof(TenantBulk.PlanAsync),
            (TenantBulk s) => s.PlanAsync(Host.Admin, true, both, Cancellation));
        foreach (var suspends in new[] { true, false })
        {
            var operation = await CalledAsync(
                nameof(TenantBulk.StartAsync),
                (TenantBulk s) => s.StartAsync(
                Host.Admin, new TenantBulkRequest(suspends, "seguridad"), both, Cancellation));
            await WorkAsync();
            await AssertSucceededAsync(operation);
        }
    }

    private async Task WorkInsideAsync(Tenant one, Tenant demo)
    {
        await DoneAsync(await CalledAsync(
            nameof(IsolationService.ProveAsync),
            (IsolationService s) => s.ProveAsync(Host.Admin, one.Id, Cancellation)));
        await DoneAsync(await CallAsync((IsolationService s) => s.ProveAllAsync(Host.Admin, Cancellation)));
        await DoneAsync(await CalledAsync(
            nameof(CredentialService.RotateAsync),
            (CredentialService s) => s.RotateAsync(Host.Admin, one.Id, "cambio", Cancellation)));
        await DoneAsync(await CalledAsync(
            nameof(DemoDataService.FillAsync), (DemoDataService s) => s.FillAsync(Host.Admin, demo.Id, Cancellation)));
        await DoneAsync(await CalledAsync(
            nameof(DemoDataService.RemoveAsync),
            (DemoDataService s) => s.RemoveAsync(Host.Admin, demo.Id, Cancellation)));
        await OldSchema.MakeAsync(_server, Host.Master, one.Id, one.DatabaseName!, Cancellation);
        await OldSchema.MakeAsync(_server, Host.Master, demo.Id, demo.DatabaseName!, Cancellation);
        await CalledAsync(nameof(SchemaUpgradeService.PlanAsync),
            (SchemaUpgradeService s) => s.PlanAsync(Host.Admin, null, Cancellation));
        await DoneAsync(await CalledAsync(
            nameof(SchemaUpgradeService.StartOneAsync),
            (SchemaUpgradeService s) => s.StartOneAsync(Host.Admin, one.Id, Cancellation)));
        await DoneAsync(await CalledAsync(
            nameof(SchemaUpgradeService.StartAsync),
            (SchemaUpgradeService s) => s.StartAsync(Host.Admin, null, Cancellation)));
    }

    // One provisioning fails and is retried. Another one is cancelled in the middle, and its steps are compensated.
    private async Task ProvisionLateAsync()
    {
        var registered = await CallAsync(
            (TenantRegistration s) =>
            s.RegisterAsync(Host.Admin, Request("tarde", provision: false, TenantEnvironments.Demo), Cancellation));
        var name = (await RowAsync(registered.TenantId)).DatabaseName!;
        await _server.CreateDatabaseAsync(name, null, Cancellation);
        var operation = await CalledAsync(
            nameof(TenantProvisioning.ProvisionAsync),
            (TenantProvisioning s) => s.ProvisionAsync(Host.Admin, registered.TenantId, Cancellation));
        await WorkAsync();
        Assert.Equal(OperationState.Failed, (await OperationAsync(operation)).State);
        await _server.DropDatabaseAsync(name, Cancellation);
        await CalledAsync(nameof(OperationService.PlanRetryAsync),
            (OperationService s) => s.PlanRetryAsync(Host.Admin, operation, Cancellation));
        await CalledAsync(nameof(OperationService.RetryAsync),
            (OperationService s) => s.RetryAsync(Host.Admin, operation, Cancellation));
        Proxy.HoldAnswers(name);
        var claim = (await Host.Get<OperationClaims>().TryClaimAsync(Cancellation))!;
        var work = Host.Get<OperationRunner>().RunAsync(claim, Cancellation);
        await Eventually.HoldsAsync(
            "it is inside the new database", () => Task.FromResult(Proxy.Waiting > 0), Cancellation);
        _called.Add("OperationService.CancelAsync");
        await Host.Get<OperationService>().CancelAsync(Host.Admin, operation, Cancellation);
        await RunAsync(claim, work);
        Assert.Equal(OperationState.Cancelled, (await OperationAsync(operation)).State);
        await CalledAsync(nameof(OperationService.GetAsync),
            (OperationService s) => s.GetAsync(Host.Admin, operation, Cancellation));
        await CalledAsync(nameof(OperationResults.FindAsync),
            (OperationResults s) => s.FindAsync(Host.Admin, operation, [], Cancellation));
    }

    private async Task DeleteAsync(Tenant one, Tenant demo)
    {
        var second = await Host.AddStaffAsync("Berta Segunda", "berta@vigia.test", StaffRoles.Administrator);
        var asked = await AskAsync(one);
        await CalledAsync(nameof(ApprovalService.RefuseAsync),
            (ApprovalService s) => s.RefuseAsync(second, asked.Approval, "Todavía paga", Cancellation));
        await CalledAsync(nameof(ApprovalService.CancelAsync), async (ApprovalService s) =>
        {
            // This method cancels only requests about staff.
            await Assert.ThrowsAnyAsync<RuleException>(() => s.CancelAsync(second, asked.Approval, Cancellation));
        });
        asked = await AskAsync(one);
        await CalledAsync(nameof(ApprovalService.ApproveAsync),
            (ApprovalService s) => s.ApproveAsync(second, asked.Approval, null, CoreHost.AdminPassword, Cancellation));
        await DoneAsync(asked.Operation);
        await DoneAsync(await CalledAsync(
            nameof(TrashService.RestoreAsync),
            (TrashService s) => s.RestoreAsync(Host.Admin, one.Id, null, Cancellation)));
        await DoneAsync(await CallAsync(
            (TenantDeletion s) =>
            s.DeleteAsync(Host.Admin, demo.Id, new DeletionRequest(demo.Subdomain!, "fin", CoreHost.AdminPassword, 7),
            Cancellation)));
        await DoneAsync(await CalledAsync(
            nameof(TrashService.PurgeAsync),
            (TrashService s) =>
            s.PurgeAsync(Host.Admin, demo.Id, new PurgeRequest(demo.Subdomain!, "fin", CoreHost.AdminPassword),
            Cancellation)));
    }

    private async Task<(Guid Operation, Guid Approval)> AskAsync(Tenant one)
    {
        var request = new DeletionRequest(one.Subdomain!, "fin", CoreHost.AdminPassword);
        var operation = await CalledAsync(
            nameof(TenantDeletion.DeleteAsync),
            (TenantDeletion s) => s.DeleteAsync(Host.Admin, one.Id, request, Cancellation));
        await using var db = await Host.OpenMasterAsync();
        var approval = await db.Set<Approval>().SingleAsync(a => a.OperationId == operation, Cancellation);
        return (operation, approval.Id);
    }

    private async Task RecurAsync()
    {
        await using (var db = await Host.OpenMasterAsync())
        {
            foreach (var kind in Host.Get<OperationCatalog>().Kinds.Except(Kinds).ToList())
            {
                Host.Get<OperationQueue>()
                    .Enqueue(db, Actor.System, kind, (OperationTarget?)null, null, OperationQueue.Background);
            }

            await db.SaveChangesAsync(Cancellation);
        }

        await WorkAsync();
    }

    private async Task DoneAsync(Guid operation)
    {
        await WorkAsync();
        await AssertSucceededAsync(operation);
    }
}
