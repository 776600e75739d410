using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Foundation.Access;

/// <summary>
/// Calls every method of every service that takes an actor, without an actor, with every role, and as a service account
/// with everything that one can have. A new method that demands no right fails here.
/// </summary>
public sealed class RightsTests(PostgresServer server) : CoreTestBase(server)
{
    // Methods that services call for each other in a request whose right has been checked already.
    private static readonly HashSet<string> Inner =
    [
        "AuditTrail.CommitAsync", "VisibleTenants.OpenAsync", "OperationQueue.Enqueue", "TenantProvisioning.Start",
        "OperationDefinition.OnRetryAsync", "Reauthentication.DemandAsync", "TenantAction.IsOffered",
        "TenantRequests.EnqueueAsync", "TrashAction.IsShown", "Reauthentication.RecordForeignAsync",
    ];

    // Not a role, but a column of the table of its own.
    private const string Program = "a service account";

    protected override bool Workers => false;

    [Fact]
    public async Task Methods_WithEveryRole_AcceptOnlyHoldersOfTheRight()
    {
        var (wrong, methods) = (new List<string>(), All().Where(m => !Inner.Contains(Name(m))).ToList());
        foreach (var method in methods)
        {
            if (await RefusalAsync(method, null) is not { Right: var right })
            {
                wrong.Add($"{Name(method)} demands no right.");
                continue;
            }

            Assert.Contains(right, Rights.All.Union(ServiceRights.All));
            foreach (var (role, held) in Rights.ByRole)
            {
                var refused = await RefusalAsync(method, role);
                if (held.Contains(right) == (refused?.Right == right))
                {
                    wrong.Add($"{Name(method)} as {role}: {refused?.Right ?? "let in"}.");
                }
            }

            var program = await RefusalAsync(method, Program);
            if (ServiceRights.All.Contains(right) == (program?.Right == right))
            {
                wrong.Add($"{Name(method)} as a service account: {program?.Right ?? "let in"}.");
            }
        }

        Assert.Empty(wrong);
        Assert.True(methods.Count > 30, $"{methods.Count}");
    }

    // A method that does an action demands the right that the action names, as pages and calls do. See TenantAction.
    private static readonly Dictionary<string, string> RightOfActions = new()
    {
        ["TenantEditing.UpdateAsync"] = TenantAction.Edit.Right,
        ["TenantRucCorrection.CorrectAsync"] = TenantAction.CorrectRuc.Right,
        ["TenantRenaming.RenameAsync"] = TenantAction.Rename.Right,
        ["TenantConversion.PreviewAsync"] = TenantAction.Convert.Right,
        ["TenantConversion.ConvertAsync"] = TenantAction.Convert.Right,
        ["TenantInvitations.InviteAsync"] = TenantAction.Invite.Right,
        ["CredentialService.RotateAsync"] = TenantAction.RotateCredential.Right,
        ["IsolationService.ProveAsync"] = TenantAction.ProveIsolation.Right,
        ["DemoDataService.FillAsync"] = TenantAction.FillDemoData.Right,
        ["DemoDataService.RemoveAsync"] = TenantAction.RemoveDemoData.Right,
        ["SchemaUpgradeService.StartOneAsync"] = TenantAction.UpgradeSchema.Right,
        ["TenantProvisioning.ProvisionAsync"] = TenantAction.Provision.Right,
        ["TenantReclaiming.ReclaimAsync"] = TenantAction.Reclaim.Right,
        ["AdoptionService.AdoptAsync"] = TenantAction.Adopt.Right,
        ["AdoptionFollowUps.ConfirmAsync"] = TenantAction.ConfirmAdoption.Right,
        ["AdoptionFollowUps.UndoAsync"] = TenantAction.UndoAdoption.Right,
        ["AdoptionFollowUps.PlanCompletionAsync"] = TenantAction.CompleteAdoption.Right,
        ["AdoptionFollowUps.CompleteAsync"] = TenantAction.CompleteAdoption.Right,
        ["TenantDeletion.DeleteAsync"] = TenantAction.Delete.Right,
        ["TenantActivation.SuspendAsync"] = TenantAction.Suspend.Right,
        ["TenantActivation.WithdrawAsync"] = TenantAction.Withdraw.Right,
        ["TenantActivation.ReactivateAsync"] = TenantAction.Reactivate.Right,
        ["TrashService.RestoreAsync"] = TrashAction.Restore.Right,
        ["TrashService.PurgeAsync"] = TrashAction.Purge.Right,
    };

    [Fact]
    public async Task Methods_OfAnAction_DemandItsRight()
    {
        Assert.Empty(TenantAction.All.Select(a => a.Right).Concat(TrashAction.All.Select(a => a.Right))
            .Except(RightOfActions.Values));
        foreach (var (name, right) in RightOfActions)
        {
            var methods = All().Where(method => Name(method) == name).ToList();

            Assert.True(methods.Count > 0, $"There is no {name}.");
            foreach (var method in methods)
            {
                Assert.Equal((name, right), (name, (await RefusalAsync(method, null))?.Right));
            }
        }
    }

    // Methods that need no proof, because they only read or only take something away.
    private static readonly Dictionary<string, string> Unsigned = new()
    {
        ["StaffNotices.ConsoleAsync"] = "reads",
        ["SignInLockout.ListSinceAsync"] = "reads",
        ["StaffRequests.FindWayAsync"] = "reads",
        ["StaffDirectory.HoldingsAsync"] = "reads",
        ["ApprovalService.ListAsync"] = "reads",
        ["ApprovalService.CountAsync"] = "reads",
        ["ApprovalService.DependentAsync"] = "reads",
        ["StaffNotices.CloseAsync"] = "a person puts away a band on their own pages",
        ["StaffProtection.EndSessionsAsync"] = "takes away; must be quick when an account is in other hands",
        ["StaffProtection.RevokeTokenAsync"] = "takes away; must be quick when a token is in other hands",
        ["ServiceAccountDirectory.ListAsync"] = "reads",
        ["ServiceAccountDirectory.GetAsync"] = "reads",
        ["ServiceAccountDirectory.OwnersAsync"] = "reads",
        ["ServiceAccountService.RevokeAsync"] = "takes away; must be quick when a token is in other hands",
        ["ServiceAccountService.EndAsync"] = "takes away; must be quick when a token is in other hands",
        ["ApprovalService.RefuseAsync"] = "nothing happens",
        ["ApprovalService.CancelAsync"] = "nothing happens",
    };

    [Fact]
    public async Task Methods_ThatChangeTheTeam_TakeAProof()
    {
        var found = new List<string>();
        foreach (var method in All()
            .Where(m => !Inner.Contains(Name(m)) && !m.GetParameters().Any(p => p.Name is "proof" or "password")))
        {
            if ((await RefusalAsync(method, null))?.Right is Rights.StaffManage or Rights.ApprovalsDecide
                or Rights.ServiceAccountsManage)
            {
                found.Add(Name(method));
            }
        }

        Assert.Equal(Unsigned.Keys.Order(), found.Order());
    }

    [Fact]
    public void Table_HasEveryRoleAndRight()
    {
        Assert.Equal(StaffRoles.All.Order(), Rights.ByRole.Keys.Order());
        Assert.Equal(Rights.All.Order(), Rights.ByRole[StaffRoles.Administrator].Order());
        Assert.Equal(typeof(Rights).GetFields().Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!)
            .Order(), Rights.All.Order());
        Assert.All(ServiceRights.OfProgramsOnly, right => Assert.DoesNotContain(right, Rights.All));
        Assert.Subset(Rights.All.Union(ServiceRights.OfProgramsOnly).ToHashSet(), ServiceRights.All.ToHashSet());
        Assert.All(Inner, name => Assert.Contains(name, All().Select(Name)));
        foreach (var (role, never) in new[] { (StaffRoles.Operator, Rights.TenantsDeleteHard),
            (StaffRoles.Support, Rights.TenantsDeleteSoft), (StaffRoles.Auditor, Rights.TenantsToggle) })
        {
            Assert.DoesNotContain(never, Rights.ByRole[role]);
        }
    }

    private static IEnumerable<MethodInfo> All() =>
        from type in typeof(VigiaCore).Assembly.GetExportedTypes()
        where type.IsClass
        from method in type.GetMethods(
            BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
        where !method.IsSpecialName && method.Name is not ("Equals" or "Deconstruct" or "<Clone>$")
            && method.GetParameters().Any(p => p.ParameterType == typeof(Actor))
        select method;

    private static string Name(MethodInfo method) => $"{method.DeclaringType!.Name}.{method.Name}";

    // Returns the refusal for an actor of that role. Returns null if the method lets the actor in, whatever it then
    // does with the meaningless arguments.
    private async Task<ForbiddenException?> RefusalAsync(MethodInfo method, string? role)
    {
        await using var scope = Host.Services.CreateAsyncScope();
        var actor = role == Program
            ? new Actor(null, "servicio:prueba", "127.0.0.1", [])
            {
                ServiceAccountId = Guid.NewGuid(), RightsLimit = ServiceRights.All,
            }
            : Host.Admin with { Roles = role is null ? [] : [role] };
        try
        {
            var answer = method.Invoke(
                method.IsStatic ? null : scope.ServiceProvider.GetRequiredService(method.DeclaringType!),
                [.. method.GetParameters().Select(p => Argument(p, actor))]);
            await (answer as Task ?? Task.CompletedTask);
            return null;
        }
        catch (ForbiddenException refused)
        {
            return refused;
        }
        catch (TargetInvocationException e)
        {
            return e.InnerException as ForbiddenException;
        }
#pragma warning disable CA1031 // The method let the actor in. Its other failures do not matter here.
        catch (Exception)
        {
            return null;
        }
#pragma warning restore CA1031
    }

    private static object? Argument(ParameterInfo parameter, Actor actor) => parameter.ParameterType switch
    {
        var type when type == typeof(Actor) => actor,
        var type when type == typeof(CancellationToken) => Cancellation,
        var type when type.IsValueType => Activator.CreateInstance(type),
        _ => null,
    };
}
