using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core;
using Vigia.Core.Errors;
using Vigia.Core.Staff;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Staff;

/// <summary>Every method of every service that is told who acts, with nobody and with every role: a new one that demands no right fails here.</summary>
public sealed class RightsTests(PostgresServer server) : CoreClass(server)
{
    // What services do for each other inside a request that has demanded its right already.
    private static readonly HashSet<string> Inner =
    [
        "AuditTrail.CommitAsync", "VisibleTenants.OpenAsync", "OperationQueue.Enqueue", "TenantProvisioning.Start", "TenantToggle.WhyNotReactivate", "Reauthentication.DemandAsync",
    ];

    protected override bool Workers => false;

    [Fact]
    public async Task EveryMethod_WithEveryRole_LetsInOnlyWhoHoldsTheRight()
    {
        var (wrong, methods) = (new List<string>(), All().Where(m => !Inner.Contains(Name(m))).ToList());
        foreach (var method in methods)
        {
            if (await RefusalAsync(method, null) is not { Right: var right })
            {
                wrong.Add($"{Name(method)} demands no right.");
                continue;
            }

            Assert.Contains(right, Rights.All);
            foreach (var (role, held) in Rights.ByRole)
            {
                var refused = await RefusalAsync(method, role);
                if (held.Contains(right) == (refused?.Right == right))
                {
                    wrong.Add($"{Name(method)} as {role}: {refused?.Right ?? "let in"}.");
                }
            }
        }

        Assert.Empty(wrong);
        Assert.True(methods.Count > 30, $"{methods.Count}");
    }

    [Fact]
    public void Table_EveryRoleAndRight_IsInIt()
    {
        Assert.Equal(StaffRoles.All.Order(), Rights.ByRole.Keys.Order());
        Assert.Equal(Rights.All.Order(), Rights.ByRole[StaffRoles.Administrator].Order());
        Assert.Equal(typeof(Rights).GetFields().Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!).Order(), Rights.All.Order());
        Assert.All(Inner, name => Assert.Contains(name, All().Select(Name)));
        foreach (var (role, never) in new[] { (StaffRoles.Operator, Rights.TenantsDeleteHard), (StaffRoles.Support, Rights.TenantsDeleteSoft), (StaffRoles.Auditor, Rights.TenantsToggle) })
        {
            Assert.DoesNotContain(never, Rights.ByRole[role]);
        }
    }

    private static IEnumerable<MethodInfo> All() =>
        from type in typeof(VigiaCore).Assembly.GetExportedTypes()
        where type.IsClass
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
        where !method.IsSpecialName && method.Name is not ("Equals" or "Deconstruct" or "<Clone>$") && method.GetParameters().Any(p => p.ParameterType == typeof(Actor))
        select method;

    private static string Name(MethodInfo method) => $"{method.DeclaringType!.Name}.{method.Name}";

    // How it refuses somebody of that role; null when it lets them in, whatever it then says of arguments that mean nothing.
    private async Task<ForbiddenException?> RefusalAsync(MethodInfo method, string? role)
    {
        await using var scope = Host.Services.CreateAsyncScope();
        var actor = Host.Admin with { Roles = role is null ? [] : [role] };
        try
        {
            var answer = method.Invoke(method.IsStatic ? null : scope.ServiceProvider.GetRequiredService(method.DeclaringType!), [.. method.GetParameters().Select(p => Argument(p, actor))]);
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
#pragma warning disable CA1031 // Let in, and then whatever.
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
